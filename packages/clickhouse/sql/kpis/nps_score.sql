-- nps_score (KPI_SPEC 2.7, 7.4): answers in [t - W, t), and how many of them promote and detract. Contexts are united.
--   as_of (ms), window_ms, by, filter; units: units/nps_score.sql
-- Dimensions survey, context: of the answer; plan: of the account at it. An answer counts at the as-of times of a span (from, to].
-- Spans that hold the same as-of times are counted together; their edges, one up, one down, add up to the count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    SELECT
        if(has({by:Array(String)}, 'plan'), plan, '') AS by_plan,
        if(has({by:Array(String)}, 'survey'), survey, '') AS by_survey,
        if(has({by:Array(String)}, 'context'), context_name, '') AS by_context,
        roundDown(at, grid) AS from_cell,
        roundDown(least(next_at, at + {window_ms:Int64}), grid) AS to_cell,
        toInt64(count()) AS answers,
        toInt64(countIf(class = 1)) AS promoting,
        toInt64(countIf(class = -1)) AS detracting
    FROM ({{units:nps_score}})
    WHERE at < arrayMax({as_of:Array(Int64)})
        AND at >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64}
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'context')
            OR has({filter:Map(String, Array(String))}['context'], context_name))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
            OR has({filter:Map(String, Array(String))}['survey'], survey))
        AND from_cell < to_cell
    GROUP BY by_plan, by_survey, by_context, from_cell, to_cell
),
edges AS
(
    SELECT
        arrayMap(d -> multiIf(d = 'plan', by_plan, d = 'survey', by_survey, by_context), {by:Array(String)}) AS group,
        edge.1 AS cell,
        sum(edge.2 * answers) AS more_answers,
        sum(edge.2 * promoting) AS more_promoting,
        sum(edge.2 * detracting) AS more_detracting
    FROM cells
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sum(more_answers)) AS responses,
    toString(sum(more_promoting)) AS promoters,
    toString(sum(more_detracting)) AS detractors
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sum(more_answers) > 0
ORDER BY t, group
