-- customer_effort_score (KPI_SPEC 2.14, 7.4): answers in [t - W, t), their sum and sum of squares, and how many found it easy.
--   as_of (ms), window_ms, by, filter; units: units/customer_effort_score.sql
-- Only the scale `7_high` (CES 2.0) is read unless scale is in the filter or the grouping; contexts are united. Dimensions survey,
-- context, scale: of the answer; plan: of the account at it. An answer counts at the as-of times of a span (from, to]. Spans that
-- hold the same as-of times are counted together; their edges, one up, one down, add up to the count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    SELECT
        if(has({by:Array(String)}, 'plan'), plan, '') AS by_plan,
        if(has({by:Array(String)}, 'survey'), survey, '') AS by_survey,
        if(has({by:Array(String)}, 'context'), context_name, '') AS by_context,
        if(has({by:Array(String)}, 'scale'), scale, '') AS by_scale,
        roundDown(at, grid) AS from_cell,
        roundDown(least(next_at, at + {window_ms:Int64}), grid) AS to_cell,
        toInt64(count()) AS answers,
        sum(place) AS places,
        sum(place * place) AS squares,
        toInt64(countIf(is_easy)) AS easy_answers
    FROM ({{units:customer_effort_score}})
    WHERE at < arrayMax({as_of:Array(Int64)})
        AND at >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64}
        AND has(
            multiIf(mapContains({filter:Map(String, Array(String))}, 'scale'),
                {filter:Map(String, Array(String))}['scale'],
                has({by:Array(String)}, 'scale'), [scale],
                ['7_high']),
            scale)
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'context')
            OR has({filter:Map(String, Array(String))}['context'], context_name))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
            OR has({filter:Map(String, Array(String))}['survey'], survey))
        AND from_cell < to_cell
    GROUP BY by_plan, by_survey, by_context, by_scale, from_cell, to_cell
),
edges AS
(
    SELECT
        arrayMap(
            d -> multiIf(d = 'plan', by_plan, d = 'survey', by_survey, d = 'context', by_context, by_scale),
            {by:Array(String)}) AS group,
        edge.1 AS cell,
        sum(edge.2 * answers) AS more_answers,
        sum(edge.2 * places) AS more_places,
        sum(edge.2 * squares) AS more_squares,
        sum(edge.2 * easy_answers) AS more_easy
    FROM cells
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sum(more_answers)) AS responses,
    toString(sum(more_places)) AS score_sum,
    toString(sum(more_squares)) AS score_squares,
    toString(sum(more_easy)) AS easy
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sum(more_answers) > 0
ORDER BY t, group
