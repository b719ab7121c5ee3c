-- How many count at t: (t, group, counts) with counts by measure.
--   CTE spans (measure, plan, span_from, span_to): counts at the as-of times (span_from, span_to]; as_of (ms), by, filter
-- Spans that hold the same as-of times are counted together; their edges, one up, one down, add up to the count at t.
SELECT t, group, mapFromArrays(groupArray(measure), groupArray(units_at)) AS counts
FROM
(
    SELECT t, group, measure, sum(more) AS units_at
    FROM
    (
        SELECT
            arrayMap(d -> by_plan, {by:Array(String)}) AS group,
            measure,
            edge.1 AS cell,
            sum(edge.2 * units) AS more
        FROM
        (
            SELECT
                measure,
                {{by:plan}} AS by_plan,
                arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
                roundDown(span_from, grid) AS from_cell,
                roundDown(span_to, grid) AS to_cell,
                toInt64(count()) AS units
            FROM spans
            WHERE from_cell < to_cell
                AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
                    OR has({filter:Map(String, Array(String))}['plan'], plan))
            GROUP BY measure, by_plan, from_cell, to_cell
        )
        ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
        GROUP BY group, measure, cell
    )
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, group, measure
    HAVING units_at > 0
)
GROUP BY t, group
ORDER BY t, group
