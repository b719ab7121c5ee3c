-- adoption_rate (KPI_SPEC 2.13, 7.4): accounts active and onboarded at t - W, and those in regular use in [t - W, t).
--   as_of (ms), window_ms, by, filter, regular_days, regular_blocks; units: units/adoption_rate.sql
-- Regular: a value event on so many UTC days in each of so many whole seven-day blocks, counted back from t. Dimension plan: at
-- t - W; of the immature, which were onboarded in [t - W, t), at that moment. Everything is spans (from, to] of as-of times;
-- where several lie over each other is found from their edges, one up, one down.
WITH
604800000 AS block_ms,
{{part:covered}},
blocks AS
(
    SELECT
        onboarded_at,
        pieces,
        unit.plan AS plan_then,
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
    FROM ({{units:adoption_rate}}) AS unit
),
accounts AS
(
    SELECT
        onboarded_at,
        pieces,
        plan_then,
        arrayMap(
            span -> (span.1, span.2),
            covered(
                in_order(arrayFlatten(arrayMap(span -> [(span.1, 1), (span.2, -1)], block_spans))),
                {regular_blocks:UInt32})) AS regular_spans
    FROM blocks
),
spans AS
(
    SELECT span.1 AS measure, span.2 AS plan, span.3 AS span_from, span.4 AS span_to
    FROM accounts
    ARRAY JOIN arrayConcat(
        [('immature', plan_then, onboarded_at, onboarded_at + {window_ms:Int64} - 1)],
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
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['onboarded']) AS onboarded,
    toString(counts['regular']) AS regular,
    toString(counts['immature']) AS immature
FROM
(
    {{part:counts_by_plan}}
)
