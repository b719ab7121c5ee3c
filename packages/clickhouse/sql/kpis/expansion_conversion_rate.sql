-- expansion_conversion_rate (KPI_SPEC 2.16, 7.4, 7.7): accounts active and onboarded at t - W, and those that expanded in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/expansion_conversion_rate.sql
-- Dimension plan: at t - W. An upsell counts while the revenue of its product at t is above that at t - W; a cross-sell while the
-- product was not held at t - W; neither while it is undone. Everything is spans (from, to] of as-of times; where any of several
-- lies is found from their edges, one up, one down. Spans that hold the same as-of times are counted together.
WITH
-- Edges in order; at one instant what begins comes first.
edges_of -> arraySort(edge -> (edge.1, -edge.2), edges_of) AS in_order,
-- Where at least one span lies.
sorted -> arrayFilter(
    span -> span.1 < span.2 AND span.3 >= 1,
    arrayZip(
        sorted.1,
        arrayResize(arrayPushBack(arrayPopFront(sorted.1), toInt64(253402300800000)), length(sorted)),
        arrayCumSum(sorted.2))) AS covered,
spans_of -> covered(in_order(arrayFlatten(arrayMap(span -> [(span.1, 1), (span.2, -1)], arrayFilter(span -> span.1 < span.2, spans_of)))))
    AS united,
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
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
    SELECT span.1 AS measure, span.2 AS span_plan, span.3 AS span_from, span.4 AS span_to
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
    toString(sumIf(more, measure = 'expanded')) AS expanded,
    toString(sumIf(more, measure = 'upsold')) AS upsold,
    toString(sumIf(more, measure = 'cross_sold')) AS cross_sold
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sumIf(more, measure = 'onboarded') > 0
ORDER BY t, group
