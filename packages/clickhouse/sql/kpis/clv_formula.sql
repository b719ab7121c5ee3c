-- clv_formula (KPI_SPEC 2.8, 7.4, 7.5): sales, purchases and active accounts of [t - W, t), accounts active at t - W and churned
-- since, and the margin in force at t.
--   as_of (ms), window_ms, by, filter, reporting_currency
--   units: units/clv_formula.sql, units/fx_factors.sql, units/margins.sql
-- Dimension plan: at t - W. Sales: one sum per group, currency and UTC day inside the window, at the rate of that day, rounded
-- half-even once. Everything counts for spans (from, to] of as-of times. Spans that hold the same as-of times are added up first;
-- their edges, one up, one down, add up to the sum at t.
WITH
{{part:money}},
(SELECT groupArrayArray(margins) FROM ({{units:margins}})) AS all_margins,
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
pieces AS
(
    SELECT
        {{by:plan}} AS by_plan,
        currency_code,
        unit.amount AS amount,
        unit.purchases AS purchases,
        if(kind = 'sale', toDate32(fromUnixTimestamp64Milli(from_at, 'UTC')), toDate32('1970-01-01')) AS day,
        span.1 AS measure,
        roundDown(span.2, grid) AS from_cell,
        roundDown(span.3, grid) AS to_cell
    FROM ({{units:clv_formula}}) AS unit
    ARRAY JOIN if(kind = 'sale',
        [('sale',
            greatest(from_at, known_from, stretch_from + {window_ms:Int64} - 1),
            least(stretch_to + {window_ms:Int64} - 1, to_at, from_at + {window_ms:Int64}))],
        [
            ('active',
                greatest(from_at, stretch_from + {window_ms:Int64} - 1),
                least(stretch_to + {window_ms:Int64} - 1, to_at + {window_ms:Int64} - 1, next_from)),
            ('start',
                greatest(from_at, stretch_from) + {window_ms:Int64} - 1,
                least(to_at, stretch_to) + {window_ms:Int64} - 1),
            ('churned',
                greatest(greatest(from_at, stretch_from) + {window_ms:Int64} - 1, to_at),
                least(to_at, stretch_to) + {window_ms:Int64} - 1)]) AS span
    WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND from_cell < to_cell
),
spans AS
(
    SELECT
        measure, by_plan, currency_code, day, from_cell, to_cell,
        toInt64(count()) AS units,
        toInt256(sum(pieces.amount)) AS amounts,
        sum(pieces.purchases) AS bought
    FROM pieces
    GROUP BY measure, by_plan, currency_code, day, from_cell, to_cell
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        measure,
        currency_code,
        day,
        edge.1 AS cell,
        sum(edge.2 * units) AS more,
        sum(toInt256(edge.2) * amounts) AS more_amount,
        sum(edge.2 * bought) AS more_bought
    FROM spans
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, measure, currency_code, day, cell
),
days AS
(
    SELECT
        t, group, measure, currency_code, day,
        sum(more) AS units,
        sum(more_amount) AS amount,
        sum(more_bought) AS bought
    FROM edges
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, group, measure, currency_code, day
    HAVING units > 0
),
rated AS
(
    {{part:rated_days}}
),
sums AS
(
    SELECT
        t,
        group,
        sumIf(convert(rated.amount, currency_code, factor), measure = 'sale') AS sales,
        sumIf(bought, measure = 'sale') AS purchases,
        sumIf(units, measure = 'active') AS active_accounts,
        sumIf(units, measure = 'start') AS start,
        sumIf(units, measure = 'churned') AS churned,
        toInt64(countIf(measure = 'sale' AND rated.amount != 0 AND currency_code != {reporting_currency:String} AND factor.3 = 0))
            AS no_fx_rate,
        sales != 0 OR purchases != 0 OR active_accounts != 0 OR start != 0 OR no_fx_rate != 0 AS is_any,
        arrayExists(m -> m.1 <= t, all_margins) AS has_margin,
        arrayLast(m -> m.1 <= t, all_margins).2 AS margin_parts
    FROM rated
    GROUP BY t, group
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sums.sales) AS sales,
    toString(sums.purchases) AS purchases,
    toString(sums.active_accounts) AS active_accounts,
    toString(sums.start) AS start,
    toString(sums.churned) AS churned,
    toString(if(is_any, margin_parts, 0)) AS margin,
    toString(if(is_any AND NOT has_margin, 1, 0)) AS no_margin,
    toString(sums.no_fx_rate) AS no_fx_rate
FROM sums
ORDER BY t, group
