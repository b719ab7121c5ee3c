-- adoption_rate (KPI_SPEC 2.13, 7.4): accounts active and onboarded at t - W, and those in regular use in [t - W, t).
--   as_of (ms), window_ms, by, filter, regular_days, regular_blocks; units: units/adoption_rate.sql
-- Regular: a value event on so many UTC days in each of so many whole seven-day blocks, counted back from t. Dimension plan: at
-- t - W; of the immature, which were onboarded in [t - W, t), at that moment. Everything is spans (from, to] of as-of times;
-- where several lie over each other is found from their edges, one up, one down. Spans that hold the same as-of times are counted
-- together.
WITH
604800000 AS block_ms,
-- Edges in order; at one instant what begins comes first.
edges_of -> arraySort(edge -> (edge.1, -edge.2), edges_of) AS in_order,
-- Where at least `depth` spans lie over each other.
(sorted, depth) -> arrayFilter(
    span -> span.1 < span.2 AND span.3 >= depth,
    arrayZip(
        sorted.1,
        arrayResize(arrayPushBack(arrayPopFront(sorted.1), toInt64(253402300800000)), length(sorted)),
        arrayCumSum(sorted.2))) AS covered,
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
blocks AS
(
    SELECT
        onboarded_at,
        pieces,
        plan,
        -- Block 0 sees an hour once its first event is known, an older one for exactly seven days.
        arrayFlatten(arrayMap(
            block -> covered(
                in_order(arrayFlatten(arrayMap(
                    day -> [
                        (if(block = 0, day.1, day.2 + block * block_ms), 1),
                        (day.3 + (block + 1) * block_ms, -1)],
                    active_days))),
                {regular_days:UInt32}),
            range(toUInt32(intDiv({window_ms:Int64}, block_ms))))) AS block_spans
    FROM ({{units:adoption_rate}})
),
accounts AS
(
    SELECT
        onboarded_at,
        pieces,
        plan,
        arrayMap(
            span -> (span.1, span.2),
            covered(
                in_order(arrayFlatten(arrayMap(span -> [(span.1, 1), (span.2, -1)], block_spans))),
                {regular_blocks:UInt32})) AS regular_spans
    FROM blocks
),
spans AS
(
    SELECT span.1 AS measure, span.2 AS span_plan, span.3 AS span_from, span.4 AS span_to
    FROM accounts
    ARRAY JOIN arrayConcat(
        [('immature', plan, onboarded_at, onboarded_at + {window_ms:Int64} - 1)],
        arrayMap(
            piece -> ('onboarded', piece.3,
                greatest(piece.1, onboarded_at) + {window_ms:Int64} - 1, piece.2 + {window_ms:Int64} - 1),
            pieces),
        arrayFlatten(arrayMap(
            piece -> arrayMap(
                regular -> ('regular', piece.3,
                    greatest(greatest(piece.1, onboarded_at) + {window_ms:Int64} - 1, regular.1),
                    least(piece.2 + {window_ms:Int64} - 1, regular.2)),
                regular_spans),
            pieces))) AS span
),
edges AS
(
    SELECT
        arrayMap(d -> span_plan, {by:Array(String)}) AS group,
        measure,
        edge.1 AS cell,
        toInt64(sum(edge.2)) AS more
    FROM spans
    ARRAY JOIN [(roundDown(span_from, grid), 1), (roundDown(span_to, grid), -1)] AS edge
    WHERE span_from < span_to
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], span_plan))
    GROUP BY group, measure, cell
    HAVING more != 0
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(more, measure = 'onboarded')) AS onboarded,
    toString(sumIf(more, measure = 'regular')) AS regular,
    toString(sumIf(more, measure = 'immature')) AS immature
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sumIf(more, measure != 'regular') > 0
ORDER BY t, group
