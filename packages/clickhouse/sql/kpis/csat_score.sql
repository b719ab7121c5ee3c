-- csat_score (KPI_SPEC 2.6, 7.4): answers in [t - W, t), and how many of them are satisfied.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound
-- Order: validate, then latest, then window. Latest before t: in the context `general` one per respondent, in every other
-- context one per respondent and survey instance. An answer is in force from its own instant until the next one's, so it is
-- known to t with at < t <= next_at. Scales count from their minimum; top boxes: one of 2 or 3, else two; a lower-is-better
-- scale counts from the bottom. Without a filter on context only `general` is read.
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
        AND (tenant_id, account_id) NOT IN (
            SELECT tenant_id, account_id
            FROM {{database}}.internal_accounts(
                tenants = [{tenant_id:String}],
                offset_bound = {offset_bound:Map(String, Int64)}))
),
answers AS
(
    SELECT
        account_id,
        at,
        survey,
        context_name,
        is_satisfied,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY
                context_name,
                respondent,
                if(context_name = 'general', ('', '', ''), (source, survey, instance))
            ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM valid
    WHERE has(
        if(mapContains({filter:Map(String, Array(String))}, 'context'),
            {filter:Map(String, Array(String))}['context'],
            ['general']),
        context_name)
),
plans AS
(
    SELECT account_id, from_at, plan
    FROM {{database}}.account_plans(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)})
),
dimensioned AS
(
    SELECT
        at,
        next_at,
        is_satisfied,
        survey,
        context_name,
        if(empty(plans.plan), '(none)', plans.plan) AS plan
    FROM answers
    ASOF LEFT JOIN plans ON answers.account_id = plans.account_id AND answers.at >= plans.from_at
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
            OR has({filter:Map(String, Array(String))}['survey'], survey))
)
SELECT
    toString(t) AS as_of,
    arrayMap(d -> multiIf(d = 'plan', plan, d = 'survey', survey, context_name), {by:Array(String)}) AS group,
    toString(count()) AS responses,
    toString(countIf(is_satisfied)) AS satisfied
FROM dimensioned
ARRAY JOIN arrayFilter(
    x -> at < x AND x <= next_at AND x - {window_ms:Int64} <= at,
    {as_of:Array(Int64)}) AS t
GROUP BY t, group
ORDER BY t, group
