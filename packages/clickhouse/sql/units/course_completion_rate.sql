-- Units of course_completion_rate: course runs, as they are known to t in (known_from, known_to].
--   tenants (empty means all), offset_bound, as_of (ms; empty: every t), window_ms, horizon_ms, grace_ms, pause_limit, churn_recognition
-- A run is (user, course, version). What is known of a (user, course) is constant for t in (known_from, known_to], from one of
-- its events to the next, so its runs are put together once per such period:
--   enrolments  an enrolment id that is sent again for the same user and course replaces the earlier one from its own instant
--               on: known to t with at < t <= next_at
--   version     of enrolments "1" when not stated; of everything else that states none, that of the last enrolment at or
--               before it, else "1"
--   entry       the first enrolment; without one the first activity or completion
--   withdrawn   unenrolled before entry + grace or with a reason that starts with refund, and not enrolled again since
-- completed_at is the year 10000 of a run that is not completed.
-- Dimensions plan, is_customer: state at entry of the account that the run's earliest event with an account names.
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
        tenant_id,
        at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, user_id, course_id, source, enrolment_id, if(kind = 'enrolment', '', event_name)
            ORDER BY at, event_name
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        user_id,
        account_id,
        assumeNotNull(course_id) AS course,
        if(ifNull(course_version, '') = '' AND kind = 'enrolment', '1', ifNull(course_version, '')) AS version,
        startsWith(ifNull(reason, ''), 'refund') AS is_refund
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
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
        tenant_id,
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
    GROUP BY tenant_id, user_id, course, kind, version, part_id
),
entities AS
(
    SELECT
        tenant_id,
        user_id,
        course,
        groupArray((kind, version, first_at, until, part_id, named, is_refunded)) AS parts_of_entity,
        arraySort(groupUniqArrayArray(
            arrayConcat([first_at, until, 253402300800000], if(named.3 = '', [], [named.1])))) AS instants
    FROM parts
    GROUP BY tenant_id, user_id, course
    HAVING empty({as_of:Array(Int64)})
        OR (max(first_at) >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64} - {horizon_ms:Int64}
            AND min(first_at) < arrayMax({as_of:Array(Int64)}))
),
knowledge AS
(
    SELECT
        tenant_id,
        user_id,
        course,
        known_from,
        known_to,
        arrayFilter(p -> p.3 <= known_from AND known_from < p.4, parts_of_entity) AS known,
        arraySort(arrayMap(p -> (p.3, p.5, p.2), arrayFilter(p -> p.1 = 'enrolment', known))) AS enrolments
    FROM entities
    ARRAY JOIN arrayPopBack(instants) AS known_from, arrayPopFront(instants) AS known_to
    WHERE empty({as_of:Array(Int64)}) OR arrayExists(x -> known_from < x AND x <= known_to, {as_of:Array(Int64)})
),
runs AS
(
    SELECT
        tenant_id,
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
    GROUP BY tenant_id, user_id, course, known_from, known_to, run_version
    HAVING enrolled_times + active_times > 0
),
accounts AS
(
    SELECT tenant_id, account_id, is_internal, plans, periods
    FROM {{part:lives_of_accounts}}
)
SELECT
    runs.tenant_id AS tenant_id,
    course,
    known_from,
    known_to,
    entry,
    if(completed_times > 0, first_completion, 253402300800000) AS completed_at,
    arrayExists(
        u -> (u.1 < entry + {grace_ms:Int64} OR u.3) AND (enrolled_times = 0 OR (u.1, u.2) > last_enrolment),
        unenrolments) AS is_withdrawn,
    if(arrayExists(change -> change.1 <= entry, accounts.plans),
        arrayLast(change -> change.1 <= entry, accounts.plans).2, '(none)') AS plan,
    if(arrayExists(p -> p.1 <= entry AND entry < p.2, accounts.periods), 'true', 'false') AS is_customer
FROM runs
LEFT JOIN accounts ON runs.tenant_id = accounts.tenant_id AND runs.account_id = accounts.account_id
WHERE NOT accounts.is_internal
