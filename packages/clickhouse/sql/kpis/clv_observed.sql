-- clv_observed (KPI_SPEC 2.9, 7.4, 7.5): customers that reached an age in (t - W, t], their sales until then, younger ones, and
-- the margin in force at t.
--   as_of (ms), window_ms, age_months, by, filter, reporting_currency
--   units: units/clv_observed.sql, units/fx_factors.sql, units/margins.sql
-- The age is reached that many calendar months (UTC) after becoming a customer. Sales at that very instant count. One sum per
-- group, currency and UTC day, at the rate of that day, rounded half-even once. Everything counts for spans (from, to] of as-of
-- times. Spans that hold the same as-of times are added up first; their edges, one up, one down, add up to the sum at t.
WITH
{{part:money}},
(SELECT groupArrayArray(margins) FROM ({{units:margins}})) AS all_margins,
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
pieces AS
(
    SELECT
        arrayMap(d -> if(d = 'plan', {{by:plan}}, {{by:cohort}}), {by:Array(String)}) AS of_group,
        currency_code,
        unit.amount AS amount,
        if(kind = 'sale', toDate32(fromUnixTimestamp64Milli(from_at, 'UTC')), toDate32('1970-01-01')) AS day,
        toUnixTimestamp64Milli(addMonths(fromUnixTimestamp64Milli(since_at, 'UTC'), {age_months:Int64})) AS reached_at,
        span.1 AS measure,
        roundDown(span.2, grid) AS from_cell,
        roundDown(span.3, grid) AS to_cell
    FROM ({{units:clv_observed}}) AS unit
    ARRAY JOIN if(kind = 'sale',
        [('sale', greatest(from_at, known_from, reached_at - 1), least(to_at, reached_at + {window_ms:Int64} - 1))],
        [
            ('account', greatest(from_at, reached_at - 1), reached_at + {window_ms:Int64} - 1),
            ('younger', from_at, reached_at - 1)]) AS span
    WHERE (kind = 'customer' OR from_at <= reached_at)
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'cohort')
            OR has({filter:Map(String, Array(String))}['cohort'], cohort))
        AND from_cell < to_cell
),
edges AS
(
    SELECT
        of_group AS group,
        measure,
        currency_code,
        day,
        edge.1 AS cell,
        sum(edge.2) AS more,
        sum(toInt256(edge.2) * pieces.amount) AS more_amount
    FROM pieces
    ARRAY JOIN [(from_cell, 1), (to_cell, -1)] AS edge
    GROUP BY group, measure, currency_code, day, cell
),
days AS
(
    SELECT t, group, measure, currency_code, day, sum(more) AS units, sum(more_amount) AS amount
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
        sumIf(units, measure = 'account') AS accounts,
        sumIf(units, measure = 'younger') AS younger,
        toInt64(countIf(measure = 'sale' AND rated.amount != 0 AND currency_code != {reporting_currency:String} AND factor.3 = 0))
            AS no_fx_rate,
        arrayExists(m -> m.1 <= t, all_margins) AS has_margin,
        arrayLast(m -> m.1 <= t, all_margins).2 AS margin_parts
    FROM rated
    GROUP BY t, group
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sums.sales) AS sales,
    toString(sums.accounts) AS accounts,
    toString(sums.younger) AS younger,
    toString(margin_parts) AS margin,
    toString(if(has_margin, 0, 1)) AS no_margin,
    toString(sums.no_fx_rate) AS no_fx_rate
FROM sums
ORDER BY t, group
