-- referral_rate (KPI_SPEC 2.17, 7.4): accounts active at t - W and onboarded before t, and those that referred in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/referral_rate.sql
-- Dimension plan: at t - W. A unit counts at the as-of times of a span (from, to]; a referral until the next one does, so that an
-- account counts once. Spans that hold the same as-of times are counted together; their edges, one up, one down, add up to the
-- count at t.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    SELECT
        kind,
        if(has({by:Array(String)}, 'plan'), plan, '') AS by_plan,
        roundDown(greatest(from_at + {window_ms:Int64} - 1, onboarded_at, referred_at), grid) AS from_cell,
        roundDown(
            least(to_at + {window_ms:Int64} - 1, next_referred_at,
                if(kind = 'member', toInt64(253402300800000), referred_at + {window_ms:Int64})),
            grid) AS to_cell,
        toInt64(count()) AS units
    FROM ({{units:referral_rate}})
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND from_cell < to_cell
    GROUP BY kind, by_plan, from_cell, to_cell
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        edge.1 AS cell,
        sumIf(edge.2 * units, kind = 'member') AS more_members,
        sumIf(edge.2 * units, kind = 'referral') AS more_referrers
    FROM cells
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sum(more_members)) AS onboarded,
    toString(sum(more_referrers)) AS referrers
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sum(more_members) > 0
ORDER BY t, group
