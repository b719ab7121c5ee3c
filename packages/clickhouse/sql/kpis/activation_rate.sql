-- activation_rate (KPI_SPEC 2.12, 7.4): accounts created in [t - H - W, t - H), and those that did the key actions within H.
--   as_of (ms), window_ms, activation_horizon_ms, by, filter; units: units/activation_rate.sql
-- Dimension plan: at creation. Imported accounts are left out. Spans (from, to] that hold the same as-of times are counted
-- together; their edges, one up, one down, add up to the count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    SELECT
        is_imported,
        activated_at < created_at + {activation_horizon_ms:Int64} AS is_activated,
        if(has({by:Array(String)}, 'plan'), plan, '') AS by_plan,
        roundDown(created_at, grid) AS created_cell,
        roundDown(created_at + {activation_horizon_ms:Int64}, grid) AS mature_cell,
        roundDown(created_at + {activation_horizon_ms:Int64} + {window_ms:Int64}, grid) AS end_cell,
        toInt64(count()) AS units
    FROM ({{units:activation_rate}})
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND created_cell < end_cell
    GROUP BY is_imported, is_activated, by_plan, created_cell, mature_cell, end_cell
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        edge.1 AS measure,
        edge.2 AS cell,
        sum(edge.3) AS more
    FROM cells
    ARRAY JOIN arrayConcat(
        [
            (if(is_imported, 'imported', 'entered'), mature_cell, units),
            (if(is_imported, 'imported', 'entered'), end_cell, -units)],
        if(is_imported, [], [('immature', created_cell, units), ('immature', mature_cell, -units)]),
        if(is_imported OR NOT is_activated, [], [('activated', mature_cell, units), ('activated', end_cell, -units)])) AS edge
    GROUP BY group, measure, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(more, measure = 'entered')) AS entered,
    toString(sumIf(more, measure = 'activated')) AS activated,
    toString(sumIf(more, measure = 'immature')) AS immature,
    toString(sumIf(more, measure = 'imported')) AS imported
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sumIf(more, measure IN ('entered', 'immature', 'imported')) > 0
ORDER BY t, group
