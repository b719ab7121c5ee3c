-- registered_churn_share (KPI_SPEC 2.4, 7.4): accounts created before t, and those that became dormant in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/registered_churn_share.sql
-- Dimension plan: at t. An account counts once, however often it became dormant. Spans (from, to] that hold the same as-of times
-- are counted together; their edges, one up, one down, add up to the count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
spans AS
(
    SELECT
        kind,
        was_active,
        if(has({by:Array(String)}, 'plan'), plan, '') AS by_plan,
        roundDown(from_at, grid) AS from_cell,
        roundDown(least(to_at, dormant_at + {window_ms:Int64}), grid) AS end_cell,
        roundDown(least(to_at, dormant_at + {window_ms:Int64}, next_from), grid) AS to_cell,
        toInt64(count()) AS units
    FROM ({{units:registered_churn_share}})
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND from_cell < end_cell
    GROUP BY kind, was_active, by_plan, from_cell, end_cell, to_cell
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        edge.1 AS measure,
        edge.2 AS cell,
        sum(edge.3) AS more
    FROM spans
    ARRAY JOIN arrayConcat(
        if(from_cell < to_cell, [(kind, from_cell, units), (kind, to_cell, -units)], []),
        if(was_active, [], [('never', from_cell, units), ('never', end_cell, -units)])) AS edge
    GROUP BY group, measure, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(more, measure = 'registered')) AS registered,
    toString(sumIf(more, measure = 'dormant')) AS dormant,
    toString(sumIf(more, measure = 'never')) AS never_active
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sumIf(more, measure = 'registered') > 0
ORDER BY t, group
