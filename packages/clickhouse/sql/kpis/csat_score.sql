-- csat_score (KPI_SPEC 2.6, 7.4): answers in [t - W, t), and how many of them are satisfied.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound
-- Order: validate, then latest, then window. Latest before t: in the context `general` one per respondent, in every other
-- context one per respondent and survey instance. An answer is in force from its own instant until the next one's, so it is
-- known to t with at < t <= next_at. Scales count from their minimum; top boxes: one of 2 or 3, else two; a lower-is-better
-- scale counts from the bottom. Only `general` is read unless context is in the filter or the grouping.
-- Dimensions survey, context: of the answer; plan: of the account at the answer.
WITH
valid AS
(
    SELECT
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
        tenants = [{tenant_id:String}],
        types = ['survey.response_submitted'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE kind = 'csat'
        AND score IS NOT NULL AND scale_min IS NOT NULL AND scale_max IS NOT NULL
        AND scale_min <= score AND score <= scale_max
        AND boxes IN (2, 3, 5, 7, 10, 11)
),
accounts AS
(
    SELECT account_id, is_internal, plans
    FROM {{database}}.account_histories(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = 0,
        training_courses = [],
        tenure_edges = [])
),
dimensioned AS
(
    SELECT
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
    LEFT JOIN accounts ON valid.account_id = accounts.account_id
    WHERE NOT accounts.is_internal
),
answers AS
(
    SELECT
        at,
        survey,
        context_name,
        plan,
        is_satisfied,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY
                context_name,
                respondent,
                if(context_name = 'general', ('', '', ''), (source, survey, instance))
            ORDER BY at, event_id, source
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM dimensioned
    WHERE has(
        multiIf(mapContains({filter:Map(String, Array(String))}, 'context'),
            {filter:Map(String, Array(String))}['context'],
            has({by:Array(String)}, 'context'), [context_name],
            ['general']),
        context_name)
)
SELECT
    toString(t) AS as_of,
    arrayMap(d -> multiIf(d = 'plan', plan, d = 'survey', survey, context_name), {by:Array(String)}) AS group,
    toString(count()) AS responses,
    toString(countIf(is_satisfied)) AS satisfied
FROM answers
ARRAY JOIN arrayFilter(
    x -> at < x AND x <= next_at AND x - {window_ms:Int64} <= at,
    {as_of:Array(Int64)}) AS t
WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
        OR has({filter:Map(String, Array(String))}['survey'], survey))
GROUP BY t, group
ORDER BY t, group
