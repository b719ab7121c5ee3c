-- Views for consumers (contract; every column is described in the README). All tenants, everything known, default
-- definitions (KPI_SPEC 7.3). Filter by tenant_id; times are DateTime64 in UTC, null means "not (yet)".

CREATE VIEW IF NOT EXISTS {{database}}.accounts AS
WITH statements AS
(
    SELECT
        tenant_id,
        account_id,
        min(occurred_at) AS created_at,
        argMax(account_name, (at, event_id)) AS account_name,
        argMax(domain, (at, event_id)) AS domain,
        argMax(source_channel, (at, event_id)) AS source_channel,
        argMax(imported, (at, event_id)) AS is_imported
    FROM {{database}}.effective_events(tenants = [], types = ['account.created'], offset_bound = map())
    GROUP BY tenant_id, account_id
)
SELECT
    histories.tenant_id AS tenant_id,
    histories.account_id AS account_id,
    statements.account_name AS account_name,
    statements.domain AS domain,
    statements.source_channel AS source_channel,
    ifNull(statements.is_imported, false) AS is_imported,
    histories.is_internal AS is_internal,
    if(statements.account_id = '', NULL, statements.created_at) AS created_at,
    if(empty(histories.periods), NULL, fromUnixTimestamp64Milli(histories.periods[1].1, 'UTC')) AS customer_since,
    toBool(notEmpty(histories.periods) AND histories.periods[-1].2 = 253402300800000) AS is_active,
    if(empty(histories.periods), NULL, fromUnixTimestamp64Milli(histories.periods[-1].1, 'UTC')) AS active_from,
    if(empty(histories.periods) OR is_active, NULL, fromUnixTimestamp64Milli(histories.periods[-1].2, 'UTC')) AS churned_at,
    if(empty(histories.plans), '(none)', histories.plans[-1].2) AS plan,
    if(histories.trained_at = 253402300800000, NULL, fromUnixTimestamp64Milli(histories.trained_at, 'UTC')) AS trained_at
FROM {{database}}.account_histories(
    tenants = [], offset_bound = map(), pause_limit = 0, training_courses = [], tenure_edges = []) AS histories
LEFT JOIN statements ON statements.tenant_id = histories.tenant_id AND statements.account_id = histories.account_id;

CREATE VIEW IF NOT EXISTS {{database}}.account_pieces AS
SELECT
    tenant_id,
    account_id,
    fromUnixTimestamp64Milli(piece.1, 'UTC') AS from_at,
    if(piece.2 = 253402300800000, NULL, fromUnixTimestamp64Milli(piece.2, 'UTC')) AS to_at,
    toBool(piece.3 = 'true') AS is_trained,
    piece.4 AS tenure,
    piece.5 AS plan
FROM
(
    SELECT tenant_id, account_id, pieces
    FROM {{database}}.account_histories(
        tenants = [], offset_bound = map(), pause_limit = 0, training_courses = [],
        tenure_edges = [2419200000, 7257600000, 15724800000, 31449600000])
    WHERE NOT is_internal
)
ARRAY JOIN pieces AS piece;

CREATE VIEW IF NOT EXISTS {{database}}.course_runs AS
WITH
parts AS
(
    SELECT
        tenant_id,
        user_id,
        assumeNotNull(course_id) AS course,
        groupArray((
            event_type,
            if(ifNull(course_version, '') = '' AND event_type = 'lms.course_enrolled', '1', ifNull(course_version, '')),
            at,
            event_id,
            account_id,
            ifNull(reason, ''))) AS known,
        arraySort(arrayMap(p -> (p.3, p.4, p.2), arrayFilter(p -> p.1 = 'lms.course_enrolled', known))) AS enrolments
    FROM
    (
        SELECT tenant_id, user_id, course_id, course_version, event_type, at, event_id, account_id, reason,
            leadInFrame(at, 1, toInt64(253402300800000)) OVER (
                PARTITION BY tenant_id, user_id, course_id, source, enrolment_id,
                    if(event_type = 'lms.course_enrolled', '', event_id)
                ORDER BY at, event_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
        FROM {{database}}.effective_events(
            tenants = [],
            types = ['lms.course_enrolled', 'lms.course_started', 'lms.lesson_completed', 'lms.assessment_submitted',
                'lms.course_completed', 'lms.course_unenrolled'],
            offset_bound = map())
        WHERE user_id != '' AND course_id IS NOT NULL
    )
    WHERE next_at = 253402300800000
    GROUP BY tenant_id, user_id, course
),
runs AS
(
    SELECT
        tenant_id,
        user_id,
        course,
        multiIf(
            part.2 != '', part.2,
            arrayExists(e -> e.1 <= part.3, enrolments), arrayLast(e -> e.1 <= part.3, enrolments).3,
            '1') AS version,
        countIf(part.1 = 'lms.course_enrolled') AS enrolled_times,
        minIf(part.3, part.1 = 'lms.course_enrolled') AS first_enrolled,
        countIf(part.1 NOT IN ('lms.course_enrolled', 'lms.course_unenrolled')) AS active_times,
        minIf(part.3, part.1 NOT IN ('lms.course_enrolled', 'lms.course_unenrolled')) AS first_active,
        countIf(part.1 = 'lms.course_completed') AS completed_times,
        minIf(part.3, part.1 = 'lms.course_completed') AS first_completed,
        maxIf((part.3, part.4, part.6), part.1 = 'lms.course_unenrolled') AS last_unenrolled,
        maxIf((part.3, part.4), part.1 = 'lms.course_enrolled') AS last_enrolled,
        argMinIf(part.5, (part.3, part.4), part.5 != '') AS account_id
    FROM parts
    ARRAY JOIN known AS part
    GROUP BY tenant_id, user_id, course, version
    HAVING enrolled_times + active_times > 0
)
SELECT
    tenant_id,
    user_id,
    course AS course_id,
    version AS course_version,
    if(account_id = '', NULL, account_id) AS account_id,
    fromUnixTimestamp64Milli(if(enrolled_times > 0, first_enrolled, first_active), 'UTC') AS enrolled_at,
    toBool(enrolled_times = 0) AS is_enrolment_imputed,
    if(completed_times = 0, NULL, fromUnixTimestamp64Milli(first_completed, 'UTC')) AS completed_at,
    if(last_unenrolled.2 = '' OR (last_unenrolled.1, last_unenrolled.2) < last_enrolled,
        NULL, fromUnixTimestamp64Milli(last_unenrolled.1, 'UTC')) AS unenrolled_at,
    if(unenrolled_at IS NULL, NULL, last_unenrolled.3) AS unenrolment_reason
FROM runs;

CREATE VIEW IF NOT EXISTS {{database}}.tickets AS
WITH {{part:created_tickets}}
SELECT
    tenant_id,
    source,
    assumeNotNull(ticket_id) AS ticket_id,
    occurred_at AS created_at,
    if(account_id = '', NULL, account_id) AS account_id,
    requester_user_id,
    channel,
    priority,
    category,
    incident_id,
    ifNull(is_customer_initiated, false) AS is_customer_initiated,
    ifNull(is_support, true) AS is_support,
    toBool(is_invalid) AS is_invalidated
FROM created
WHERE event_type = 'support.ticket_created' AND place = 1;

CREATE VIEW IF NOT EXISTS {{database}}.subscriptions AS
SELECT
    tenant_id,
    source,
    assumeNotNull(subscription_id) AS subscription_id,
    argMax(account_id, (at, event_id)) AS account_id,
    min(occurred_at) AS started_at,
    if(argMax(event_type, (at, event_id)) = 'billing.subscription_ended', max(occurred_at), NULL) AS ended_at,
    if(ended_at IS NOT NULL, 0, argMax(ifNull(mrr_minor, 0), (at, event_id))) AS mrr_minor,
    argMax(currency, (at, event_id)) AS currency,
    argMax(plan_id, (at, event_id)) AS plan_id,
    argMax(product_id, (at, event_id)) AS product_id,
    argMax(quantity, (at, event_id)) AS quantity,
    if(ended_at IS NOT NULL, NULL, tupleElement(argMax(tuple(cancel_at), (at, event_id)), 1)) AS cancel_at
FROM {{database}}.effective_events(
    tenants = [],
    types = ['billing.subscription_started', 'billing.subscription_updated', 'billing.subscription_ended'],
    offset_bound = map())
WHERE subscription_id IS NOT NULL
GROUP BY tenant_id, source, subscription_id;

CREATE VIEW IF NOT EXISTS {{database}}.survey_responses AS
SELECT
    tenant_id,
    source,
    event_id,
    occurred_at AS submitted_at,
    if(account_id = '', NULL, account_id) AS account_id,
    if(user_id = '', NULL, user_id) AS user_id,
    survey_id,
    instance_id,
    question_id,
    kind,
    context,
    subject_id,
    score,
    scale_min,
    scale_max,
    ifNull(direction, 'higher_is_better') AS direction,
    toBool(row_number() OVER (
        PARTITION BY tenant_id, source, survey_id, instance_id, question_id, account_id, user_id
        ORDER BY at DESC, event_id DESC) = 1) AS is_latest
FROM {{database}}.effective_events(
    tenants = [], types = ['survey.response_submitted'], offset_bound = map());
