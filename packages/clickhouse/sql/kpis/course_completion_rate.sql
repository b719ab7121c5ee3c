-- course_completion_rate (KPI_SPEC 2.1, 7.4, 7.7): course runs by what became of them within the horizon H of enrolment.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound, horizon_ms, grace_ms, pause_limit
-- A run is (user, course, version). What is known of a (user, course) is constant for t in (known_from, known_to], from one of
-- its events to the next, so its runs are put together once per such period:
--   enrolments  an enrolment id that is sent again for the same user and course replaces the earlier one from its own instant
--               on: known to t with at < t <= next_at
--   version     of enrolments "1" when not stated; of everything else that states none, that of the last enrolment at or
--               before it, else "1"
--   entry       the first enrolment; without one the first activity or completion
--   withdrawn   unenrolled before entry + grace or with a reason that starts with refund, and not enrolled again since
-- Counted by entry: enrolled, completed, completed_to_date, withdrawn in [t - H - W, t - H); immature in [t - H, t).
-- Dimensions course; plan, is_customer: state at entry of the account that the run's earliest event with an account names.
WITH
events AS
(
    SELECT
        multiIf(
            event_type = 'lms.course_enrolled', 'enrolment',
            event_type = 'lms.course_completed', 'completion',
            event_type = 'lms.course_unenrolled', 'unenrolment',
            'activity') AS kind,
        -- Event ids are unique per source; U+001F, which no id has, keeps their order.
        concat(event_id, char(31), source) AS event_name,
        at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY user_id, course_id, source, enrolment_id, if(kind = 'enrolment', '', event_name)
            ORDER BY at, event_name
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        user_id,
        account_id,
        assumeNotNull(course_id) AS course,
        if(ifNull(course_version, '') = '' AND kind = 'enrolment', '1', ifNull(course_version, '')) AS version,
        startsWith(ifNull(reason, ''), 'refund') AS is_refund
    FROM {{database}}.effective_events(
        tenants = [{tenant_id:String}],
        types = ['lms.course_enrolled', 'lms.course_started', 'lms.lesson_completed', 'lms.assessment_submitted',
            'lms.course_completed', 'lms.course_unenrolled'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE user_id != '' AND course_id IS NOT NULL
),
parts AS
(
    -- Of the activity of a version the first is enough, and the first that names an account; also of that without a version,
    -- because what is later than the first belongs to the same version or to one with an enrolment.
    SELECT
        user_id,
        course,
        kind,
        version,
        if(kind = 'activity', '', event_name) AS part_id,
        min(at) AS first_at,
        min(next_at) AS until,
        max(is_refund) AS is_refunded,
        minIf((at, event_name, account_id), account_id != '') AS named
    FROM events
    WHERE at < next_at
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'course')
            OR has({filter:Map(String, Array(String))}['course'], course))
    GROUP BY user_id, course, kind, version, part_id
),
entities AS
(
    SELECT
        user_id,
        course,
        groupArray((kind, version, first_at, until, part_id, named, is_refunded)) AS parts_of_entity,
        arraySort(groupUniqArrayArray(
            arrayConcat([first_at, until, 253402300800000], if(named.3 = '', [], [named.1])))) AS instants
    FROM parts
    GROUP BY user_id, course
    HAVING max(first_at) >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64} - {horizon_ms:Int64}
        AND min(first_at) < arrayMax({as_of:Array(Int64)})
),
knowledge AS
(
    SELECT
        user_id,
        course,
        known_from,
        known_to,
        arrayFilter(p -> p.3 <= known_from AND known_from < p.4, parts_of_entity) AS known,
        arraySort(arrayMap(p -> (p.3, p.5, p.2), arrayFilter(p -> p.1 = 'enrolment', known))) AS enrolments
    FROM entities
    ARRAY JOIN arrayPopBack(instants) AS known_from, arrayPopFront(instants) AS known_to
    WHERE arrayExists(x -> known_from < x AND x <= known_to, {as_of:Array(Int64)})
),
runs AS
(
    SELECT
        user_id,
        course,
        known_from,
        known_to,
        multiIf(
            part.2 != '', part.2,
            arrayExists(e -> e.1 <= part.3, enrolments), arrayLast(e -> e.1 <= part.3, enrolments).3,
            '1') AS run_version,
        countIf(part.1 = 'enrolment') AS enrolled_times,
        countIf(part.1 IN ('activity', 'completion')) AS active_times,
        if(enrolled_times > 0,
            minIf(part.3, part.1 = 'enrolment'),
            minIf(part.3, part.1 IN ('activity', 'completion'))) AS entry,
        maxIf((part.3, part.5), part.1 = 'enrolment') AS last_enrolment,
        countIf(part.1 = 'completion') AS completed_times,
        minIf(part.3, part.1 = 'completion') AS first_completion,
        groupArrayIf((part.3, part.5, part.7), part.1 = 'unenrolment') AS unenrolments,
        minIf(part.6, part.6.3 != '' AND part.6.1 <= known_from).3 AS account_id
    FROM knowledge
    ARRAY JOIN known AS part
    GROUP BY user_id, course, known_from, known_to, run_version
    HAVING enrolled_times + active_times > 0
),
accounts AS
(
    SELECT account_id, is_internal, plans, periods
    FROM {{database}}.account_histories(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        training_courses = [],
        tenure_edges = [])
),
dimensioned AS
(
    SELECT
        course,
        known_from,
        known_to,
        entry,
        arrayExists(
            u -> (u.1 < entry + {grace_ms:Int64} OR u.3) AND (enrolled_times = 0 OR (u.1, u.2) > last_enrolment),
            unenrolments) AS is_withdrawn,
        completed_times > 0 AS is_completed,
        is_completed AND first_completion < entry + {horizon_ms:Int64} AS is_completed_in_time,
        if(arrayExists(change -> change.1 <= entry, accounts.plans),
            arrayLast(change -> change.1 <= entry, accounts.plans).2, '(none)') AS plan,
        if(arrayExists(p -> p.1 <= entry AND entry < p.2, accounts.periods), 'true', 'false') AS is_customer
    FROM runs
    LEFT JOIN accounts ON runs.account_id = accounts.account_id
    WHERE NOT accounts.is_internal
)
SELECT
    toString(t) AS as_of,
    arrayMap(d -> multiIf(d = 'course', course, d = 'plan', plan, is_customer), {by:Array(String)}) AS group,
    toString(countIf(entry < t - {horizon_ms:Int64} AND NOT is_withdrawn)) AS enrolled,
    toString(countIf(entry < t - {horizon_ms:Int64} AND NOT is_withdrawn AND is_completed_in_time)) AS completed,
    toString(countIf(entry < t - {horizon_ms:Int64} AND NOT is_withdrawn AND is_completed)) AS completed_to_date,
    toString(countIf(entry >= t - {horizon_ms:Int64} AND NOT is_withdrawn)) AS immature,
    toString(countIf(entry < t - {horizon_ms:Int64} AND is_withdrawn)) AS withdrawn
FROM dimensioned
ARRAY JOIN arrayFilter(
    x -> known_from < x AND x <= known_to AND x - {horizon_ms:Int64} - {window_ms:Int64} <= entry AND entry < x,
    {as_of:Array(Int64)}) AS t
WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'is_customer')
        OR has({filter:Map(String, Array(String))}['is_customer'], is_customer))
GROUP BY t, group
ORDER BY t, group
