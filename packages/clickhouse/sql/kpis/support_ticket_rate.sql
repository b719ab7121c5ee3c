-- support_ticket_rate (KPI_SPEC 2.10, 7.4; STATISTICS 1): tickets per active time of accounts in [t - W, t).
--   as_of (ms), window_ms, clip_at (ms), by, filter; units: units/support_ticket_rate.sql
-- Tickets and accounts count at the as-of times of a span (from, to]. Windows begin and end at grid times only: what lies
-- between the same grid times is counted together, and edges, one up, one down, add up to the count at t. Person-time until x is
-- the sum of x - from of all pieces that began before, less that of x - end of those that ended; of a window it is that until t
-- less that until t - W. It ends at clip_at.
WITH
arraySort(arrayDistinct(arrayConcat(
    [toInt64(-9000000000000000)],
    {as_of:Array(Int64)},
    arrayMap(x -> x - {window_ms:Int64}, {as_of:Array(Int64)})))) AS grid,
selected AS
(
    SELECT
        kind,
        from_at,
        to_at,
        least(to_at, {clip_at:Int64}) AS end_at,
        {{by:trained}} AS by_trained,
        {{by:tenure}} AS by_tenure,
        {{by:plan}} AS by_plan,
        -- Pieces of an account do not overlap: at t it is counted with the last one before t.
        leadInFrame(from_at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY kind, if(kind = 'piece', account_id, ''), by_trained, by_tenure, by_plan ORDER BY from_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_from
    FROM ({{units:support_ticket_rate}})
    WHERE from_at < arrayMax({as_of:Array(Int64)})
        AND if(kind = 'piece', to_at, from_at + 1) > arrayMin({as_of:Array(Int64)}) - {window_ms:Int64}
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'trained')
            OR has({filter:Map(String, Array(String))}['trained'], trained))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'tenure')
            OR has({filter:Map(String, Array(String))}['tenure'], tenure))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
),
cells AS
(
    SELECT
        kind,
        by_trained,
        by_tenure,
        by_plan,
        roundDown(from_at, grid) AS from_cell,
        roundDown(
            if(kind = 'piece', least(next_from, to_at - 1 + {window_ms:Int64}), least(to_at, from_at + {window_ms:Int64})),
            grid) AS to_cell,
        roundDown(least(from_at, end_at), grid) AS active_cell,
        roundDown(end_at, grid) AS end_cell,
        toInt64(count()) AS units,
        sum(toInt128(least(from_at, end_at))) AS from_sum,
        sum(toInt128(end_at)) AS end_sum
    FROM selected
    GROUP BY kind, by_trained, by_tenure, by_plan, from_cell, to_cell, active_cell, end_cell
),
edges AS
(
    SELECT
        arrayMap(d -> multiIf(d = 'trained', by_trained, d = 'tenure', by_tenure, by_plan), {by:Array(String)}) AS group,
        edge.1 AS measure,
        edge.2 AS cell,
        sum(edge.3) AS more,
        sum(edge.4) AS at_sum
    FROM cells
    ARRAY JOIN arrayConcat(
        if(from_cell < to_cell, [(kind, from_cell, units, toInt128(0)), (kind, to_cell, -units, toInt128(0))], []),
        if(kind = 'piece', [('exposure', active_cell, units, from_sum), ('exposure', end_cell, -units, -end_sum)], [])) AS edge
    GROUP BY group, measure, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(more, measure = 'ticket') - sumIf(more, measure = 'ticket_before')) AS tickets,
    toString(
        sumIf(toInt128(more) * t - at_sum, measure = 'exposure')
        - sumIf(toInt128(more) * (t - {window_ms:Int64}) - at_sum, measure = 'exposure' AND cell < t - {window_ms:Int64})
    ) AS exposure_ms,
    toString(sumIf(more, measure = 'piece')) AS accounts,
    toString(sumIf(more, measure = 'inactive') - sumIf(more, measure = 'inactive_before')) AS account_not_active,
    toString(sumIf(more, measure = 'unresolved') - sumIf(more, measure = 'unresolved_before')) AS unresolved_account
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sumIf(if(endsWith(measure, '_before'), -more, more), measure != 'exposure') > 0
ORDER BY t, group
