-- customer_churn_rate (KPI_SPEC 2.3, 7.4, 7.7): accounts active at t - W and what became of them until t.
--   as_of (ms), window_ms, by, filter, reporting_currency; units: units/customer_churn_rate.sql, units/fx_factors.sql
-- S: active at t - W, so with a period s <= t - W < c. E: not in S, with a period that starts in [t - W, t).
-- A churn c is known to t when c < t. Dimension plan: at t - W for S, at the first start in the window for E.
-- start_mrr and churned_mrr: one sum per currency and group, converted at the rate of the day of t - W, rounded half-even once.
-- What a unit counts for are spans (from, to] of as-of times. Units whose spans hold the same as-of times are added up first;
-- edges of spans, one up, one down, add up to the sum at t.
WITH
{{part:money}},
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    -- Bounds of spans by kind: from and to of the unit itself, moved by W but for the start of 'entered', and of its other time.
    SELECT
        kind,
        {{by:plan}} AS by_plan,
        currency_code,
        roundDown(if(kind = 'entered', from_at, from_at + {window_ms:Int64} - 1), grid) AS from_cell,
        roundDown(to_at + {window_ms:Int64} - 1, grid) AS to_cell,
        roundDown(if(kind = 'entered', other_from + {window_ms:Int64} - 1, other_from), grid) AS other_from_cell,
        roundDown(other_to, grid) AS other_to_cell,
        -- The period before churned at t - W itself.
        roundDown(if(kind = 'entered', other_from + {window_ms:Int64}, other_from), grid) AS same_time_cell,
        toInt64(count()) AS units,
        sum(unit.mrr) AS mrr_sum
    FROM ({{units:customer_churn_rate}}) AS unit
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND from_cell < to_cell
    GROUP BY kind, by_plan, currency_code, from_cell, to_cell, other_from_cell, other_to_cell, same_time_cell
),
spans AS
(
    SELECT
        by_plan,
        currency_code,
        units,
        mrr_sum,
        span.1 AS measure,
        span.2 AS span_from,
        span.3 AS span_to
    FROM cells
    ARRAY JOIN multiIf(
        kind = 'lost',
        [('net_lost', greatest(from_cell, other_from_cell), least(to_cell, other_to_cell))],
        kind = 'entered',
        [
            ('entered', greatest(from_cell, other_from_cell), to_cell),
            ('entered_churned', greatest(from_cell, other_from_cell, other_to_cell), to_cell),
            ('entered_churned', greatest(from_cell, other_from_cell), least(same_time_cell, other_to_cell))],
        [
            (if(kind = 'mrr', 'mrr', 'start'), from_cell, to_cell),
            (if(kind = 'mrr', 'churned_mrr', 'churned'), greatest(from_cell, other_from_cell), to_cell)]) AS span
    WHERE span_from < span_to
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        currency_code,
        measure,
        edge.1 AS cell,
        sum(edge.2 * units) AS more,
        sum(toInt256(edge.2) * mrr_sum) AS more_mrr
    FROM spans
    ARRAY JOIN [(span_from, 1), (span_to, -1)] AS edge
    GROUP BY group, currency_code, measure, cell
),
by_currency AS
(
    -- What is no money has no currency.
    SELECT
        t,
        group,
        currency_code,
        toDate32(fromUnixTimestamp64Milli(t - {window_ms:Int64}, 'UTC')) AS day,
        sumIf(more, measure = 'start') AS start,
        sumIf(more, measure = 'churned') AS churned,
        sumIf(more, measure = 'net_lost') AS net_lost,
        sumIf(more, measure IN ('start', 'entered')) AS with_new_base,
        sumIf(more, measure IN ('churned', 'entered_churned')) AS with_new_churned,
        sumIf(more, measure = 'mrr') AS paying,
        sumIf(more_mrr, measure = 'mrr') AS start_sum,
        sumIf(more_mrr, measure = 'churned_mrr') AS churned_sum
    FROM edges
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, group, currency_code
    HAVING with_new_base > 0 OR paying > 0
),
rated AS
(
    SELECT
        t, group, start, churned, net_lost, with_new_base, with_new_churned, start_sum, churned_sum, currency_code,
        arrayLast(f -> f.1 <= day, rates.factors) AS factor
    FROM by_currency
    LEFT JOIN (SELECT currency, factors FROM ({{units:fx_factors}})) AS rates ON by_currency.currency_code = rates.currency
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sum(rated.start)) AS start,
    toString(sum(rated.churned)) AS churned,
    toString(sum(rated.net_lost)) AS net_lost,
    toString(sum(rated.with_new_base)) AS with_new_base,
    toString(sum(rated.with_new_churned)) AS with_new_churned,
    toString(sum(convert(start_sum, currency_code, factor))) AS start_mrr,
    toString(sum(convert(churned_sum, currency_code, factor))) AS churned_mrr,
    toString(countIf(currency_code NOT IN ('', {reporting_currency:String}) AND factor.3 = 0)) AS no_fx_rate
FROM rated
GROUP BY t, group
ORDER BY t, group
