-- What answers add up to: (t, group, sums) with one sum for each of their amounts, in order.
--   CTE answers (at, next_at, plan, survey, context, scale, amounts Array(Int64)); as_of (ms), window_ms, by, filter
-- An answer counts at the as-of times of a span (from, to]. Spans that hold the same as-of times are counted together; their edges,
-- one up, one down, add up to the count at t.
SELECT
    t,
    group,
    sumForEach(more) AS sums
FROM
(
    SELECT
        arrayMap(
            d -> multiIf(d = 'plan', by_plan, d = 'survey', by_survey, d = 'context', by_context, by_scale),
            {by:Array(String)}) AS group,
        edge.1 AS cell,
        sumForEach(arrayMap(amount -> edge.2 * amount, amounts_of_cell)) AS more
    FROM
    (
        SELECT
            {{by:plan}} AS by_plan,
            {{by:survey}} AS by_survey,
            {{by:context}} AS by_context,
            {{by:scale}} AS by_scale,
            arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
            roundDown(at, grid) AS from_cell,
            roundDown(least(next_at, at + {window_ms:Int64}), grid) AS to_cell,
            sumForEach(amounts) AS amounts_of_cell
        FROM answers
        WHERE at < arrayMax({as_of:Array(Int64)})
            AND at >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64}
            AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
                OR has({filter:Map(String, Array(String))}['plan'], plan))
            AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
                OR has({filter:Map(String, Array(String))}['survey'], survey))
            AND (NOT mapContains({filter:Map(String, Array(String))}, 'context')
                OR has({filter:Map(String, Array(String))}['context'], context))
            AND (NOT mapContains({filter:Map(String, Array(String))}, 'scale')
                OR has({filter:Map(String, Array(String))}['scale'], scale))
            AND from_cell < to_cell
        GROUP BY by_plan, by_survey, by_context, by_scale, from_cell, to_cell
    )
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, cell
)
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sums[1] > 0
ORDER BY t, group
