-- expansion_conversion_rate (KPI_SPEC 2.16, 7.4, 7.7): accounts active and onboarded at t - W, and those that expanded in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/expansion_conversion_rate.sql
-- Dimension plan: at t - W. An upsell counts while the revenue of its product at t is above that at t - W; a cross-sell while the
-- product was not held at t - W; neither while it is undone. Everything is spans (from, to] of as-of times; where any of several
-- lies is found from their edges, one up, one down.
WITH
{{part:covered}},
spans_of -> covered(
    in_order(arrayFlatten(arrayMap(
        span -> [(span.1, 1), (span.2, -1)],
        arrayFilter(span -> span.1 < span.2, spans_of)))),
    1) AS united,
counted AS
(
    SELECT
        onboarded_at,
        pieces,
        arrayMap(
            expansion -> (
                expansion.1,
                -- From one end of what is undone to the next beginning, and where its condition holds.
                arrayFlatten(arrayMap(
                    (lasting_from, lasting_to) -> arrayMap(
                        holds -> (
                            greatest(expansion.2, lasting_from, holds.1),
                            least(expansion.2 + {window_ms:Int64}, lasting_to, holds.2)),
                        if(expansion.1 = 'upsell',
                            arrayFlatten(arrayMap(
                                now -> arrayMap(
                                    then -> (
                                        greatest(now.1, then.1 + {window_ms:Int64} - 1),
                                        least(now.2, then.2 + {window_ms:Int64} - 1)),
                                    arrayFilter(then -> then.3 < now.3, expansion.4)),
                                expansion.4)),
                            arrayMap(
                                level -> (level.1 + {window_ms:Int64} - 1, level.2 + {window_ms:Int64} - 1),
                                arrayFilter(level -> level.3 = 0, expansion.4)))),
                    arrayPushFront(united(expansion.3).2, toInt64(-9000000000000000)),
                    arrayPushBack(united(expansion.3).1, toInt64(253402300800000))))),
            expansions) AS spans_by_kind
    FROM ({{units:expansion_conversion_rate}})
),
accounts AS
(
    SELECT
        onboarded_at,
        pieces,
        united(arrayFlatten(spans_by_kind.2)) AS any_spans,
        united(arrayFlatten(arrayFilter(spans -> spans.1 = 'upsell', spans_by_kind).2)) AS upsell_spans,
        united(arrayFlatten(arrayFilter(spans -> spans.1 = 'cross_sell', spans_by_kind).2)) AS cross_sell_spans
    FROM counted
),
spans AS
(
    SELECT span.1 AS measure, span.2 AS plan, span.3 AS span_from, span.4 AS span_to
    FROM accounts
    ARRAY JOIN arrayFlatten(arrayMap(
        piece -> arrayMap(
            expanded -> (
                expanded.1,
                piece.3,
                greatest(greatest(piece.1, onboarded_at) + {window_ms:Int64} - 1, expanded.2),
                least(piece.2 + {window_ms:Int64} - 1, expanded.3)),
            arrayConcat(
                [('onboarded', toInt64(-9000000000000000), toInt64(253402300800000))],
                arrayMap(span -> ('expanded', span.1, span.2), any_spans),
                arrayMap(span -> ('upsold', span.1, span.2), upsell_spans),
                arrayMap(span -> ('cross_sold', span.1, span.2), cross_sell_spans))),
        pieces)) AS span
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['onboarded']) AS onboarded,
    toString(counts['expanded']) AS expanded,
    toString(counts['upsold']) AS upsold,
    toString(counts['cross_sold']) AS cross_sold
FROM
(
    {{part:counts_by_plan}}
)
