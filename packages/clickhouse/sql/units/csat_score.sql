-- Units of csat_score: valid answers, each in force from its own instant until the next one's (known to t with at < t <= next_at).
--   tenants (empty means all), offset_bound
-- Order: validate, then latest. Latest before t: in the context `general` one per respondent, in every other context one per
-- respondent and survey instance. Scales count from their minimum; top boxes: one of 2 or 3, else two; a lower-is-better
-- scale counts from the bottom. Dimension plan: of the account at the answer.
WITH
valid AS
(
    SELECT
        tenant_id,
        account_id,
        if(user_id != '', ('user', user_id), ('account', account_id)) AS respondent,
        source,
        event_id,
        at,
        ifNull(survey_id, '') AS survey,
        ifNull(instance_id, '') AS instance,
        if(ifNull(context, '') = '', 'general', assumeNotNull(context)) AS context_name,
        assumeNotNull(scale_max) - assumeNotNull(scale_min) + 1 AS boxes,
        if(boxes IN (2, 3), 1, 2) AS top_boxes,
        if(ifNull(direction, '') = 'lower_is_better',
            assumeNotNull(score) < assumeNotNull(scale_min) + top_boxes,
            assumeNotNull(score) > assumeNotNull(scale_max) - top_boxes) AS is_satisfied
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['survey.response_submitted'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE kind = 'csat'
        AND score IS NOT NULL AND scale_min IS NOT NULL AND scale_max IS NOT NULL
        AND scale_min <= score AND score <= scale_max
        AND boxes IN (2, 3, 5, 7, 10, 11)
),
accounts AS
(
    {{part:plans_of_accounts}}
),
dimensioned AS
(
    SELECT
        valid.tenant_id AS tenant,
        respondent,
        valid.source AS source,
        event_id,
        at,
        survey,
        instance,
        context_name,
        is_satisfied,
        if(arrayExists(change -> change.1 <= at, accounts.plans),
            arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan
    FROM valid
    LEFT JOIN accounts ON valid.tenant_id = accounts.tenant_id AND valid.account_id = accounts.account_id
    WHERE NOT accounts.is_internal
)
SELECT
    tenant AS tenant_id,
    at,
    leadInFrame(at, 1, toInt64(253402300800000)) OVER (
        PARTITION BY
            tenant_id,
            context_name,
            respondent,
            if(context_name = 'general', ('', '', ''), (source, survey, instance))
        ORDER BY at, event_id, source
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
    survey,
    context_name,
    plan,
    is_satisfied
FROM dimensioned
