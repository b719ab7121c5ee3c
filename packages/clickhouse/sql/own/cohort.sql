-- A declared cohort KPI (core own-kpi.ts): whose first entry lies in [t - H - W, t - H), who of them converted in [entry,
-- entry + H), and who entered in [t - H, t), as (as_of, group, curve).
--   as_of (ms), window_ms, horizon_of_own (ms), by, filter, dimension_names; parts/own_events.sql, parts/own_filters.sql
--   measure_types: the type of entries, the type of conversions; per_entity ('account', 'user')
-- Dimensions: of the entry. Each is a span (from, to] of as-of times; their edges, one up, one down, add up to the count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
events AS
(
    {{part:own_events}}
),
entrants AS
(
    SELECT
        account_id,
        if({per_entity:String} = 'user', user_id, '') AS who,
        minIf((at, event_id, source, dims), m = 1) AS entry,
        entry.1 AS entry_at,
        groupUniqArrayIf(at, m = 2) AS conversions,
        arrayExists(x -> entry_at <= x AND x < entry_at + {horizon_of_own:Int64}, conversions) AS is_converted
    FROM events
    ARRAY JOIN [1, 2] AS m
    WHERE {{part:own_filters}}
        AND account_id != ''
        AND ({per_entity:String} != 'user' OR user_id != '')
    GROUP BY account_id, who
    HAVING countIf(m = 1) > 0
),
cells AS
(
    SELECT
        span.1 AS component,
        arrayMap(name -> entry.4[indexOf({dimension_names:Array(String)}, name)], {by:Array(String)}) AS group,
        roundDown(span.2, grid) AS from_cell,
        roundDown(span.3, grid) AS to_cell,
        toInt64(count()) AS units
    FROM entrants
    ARRAY JOIN [
        ('entered', entry_at + {horizon_of_own:Int64}, entry_at + {horizon_of_own:Int64} + {window_ms:Int64}),
        -- Not converted in time, it is empty.
        ('converted', entry_at + {horizon_of_own:Int64},
            entry_at + {horizon_of_own:Int64} + if(is_converted, {window_ms:Int64}, 0)),
        ('immature', entry_at, entry_at + {horizon_of_own:Int64})] AS span
    WHERE arrayAll(
        (name, dim) -> NOT mapContains({filter:Map(String, Array(String))}, name)
            OR has({filter:Map(String, Array(String))}[name], dim),
        {dimension_names:Array(String)},
        entry.4)
    GROUP BY component, group, from_cell, to_cell
    HAVING from_cell < to_cell
),
counts AS
(
    SELECT t, group, component, sum(edge.2 * units) AS total
    FROM cells
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE edge.1 < t
    GROUP BY t, group, component
    HAVING total > 0
)
SELECT
    toString(t) AS as_of,
    group,
    mapFromArrays(groupArray(component), groupArray(toString(total))) AS curve
FROM counts
GROUP BY t, group
ORDER BY t, group
