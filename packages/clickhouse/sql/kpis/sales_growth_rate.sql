-- sales_growth_rate (KPI_SPEC 2.5, 7.5, 7.7.10): net sales of three windows.
--   as_of (ms), window_ms, by, filter, reporting_currency; units: units/sales_growth_rate.sql, units/fx_factors.sql
-- Windows: current [t - W, t), previous [t - 2W, t - W), previous_yoy [t - W - 364 d, t - 364 d). Constant currency: one sum per
-- group, currency and window, at the rate of the day of t - 1 ms. Event rates: one sum per group, currency and UTC day inside
-- the window, at the rate of that day. Each sum is rounded half-even once.
-- Every window turns a sale into a span (from, to] of as-of times. Sales whose spans hold the same as-of times are added up
-- first; edges of spans, one up, one down, add up to the sum at t.
WITH
{{part:money}},
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
selected AS
(
    SELECT
        at,
        known_from,
        next_at,
        least(next_at, at + {window_ms:Int64}) AS until,
        currency_code,
        sale.amount AS amount,
        {{by:plan}} AS by_plan,
        -- Until when an earlier sale of the account counts: a span that begins before would count the account twice. What is
        -- added and taken away again makes the "0" of no earlier sale earlier than any time. Until a refund that is dated back is
        -- known, what it takes back counts the account.
        max(until + 9000000000000000) OVER (
            PARTITION BY account_id, by_plan ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - 9000000000000000 AS counted_until
    FROM ({{units:sales_growth_rate}}) AS sale
    WHERE at < arrayMax({as_of:Array(Int64)})
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
),
cells AS
(
    SELECT
        by_plan,
        currency_code,
        toDate32(fromUnixTimestamp64Milli(at, 'UTC')) AS day,
        roundDown(greatest(at, known_from), grid) AS current_from,
        roundDown(until, grid) AS current_to,
        roundDown(greatest(at, counted_until), grid) AS account_from,
        roundDown(greatest(at + {window_ms:Int64}, known_from), grid) AS previous_from,
        roundDown(least(next_at, at + 2 * {window_ms:Int64}), grid) AS previous_to,
        roundDown(greatest(at + 31449600000, known_from), grid) AS previous_yoy_from,
        roundDown(least(next_at, at + 31449600000 + {window_ms:Int64}), grid) AS previous_yoy_to,
        sum(selected.amount) AS amount_sum,
        toInt64(count()) AS units
    FROM selected
    GROUP BY by_plan, currency_code, day,
        current_from, current_to, account_from, previous_from, previous_to, previous_yoy_from, previous_yoy_to
),
edges AS
(
    SELECT
        arrayMap(d -> by_plan, {by:Array(String)}) AS group,
        currency_code,
        day,
        span.1 AS period,
        edge.1 AS cell,
        sum(toInt256(edge.2) * amount_sum) AS more_amount,
        sum(edge.2 * units) AS more
    FROM cells
    ARRAY JOIN [
        ('current', current_from, current_to),
        ('accounts', account_from, current_to),
        ('previous', previous_from, previous_to),
        ('previous_yoy', previous_yoy_from, previous_yoy_to)] AS span
    ARRAY JOIN if(span.2 < span.3, [(span.2, 1), (span.3, -1)], []) AS edge
    GROUP BY group, currency_code, day, period, cell
),
days AS
(
    -- One sum per t, window, group, currency and UTC day inside the window.
    SELECT t, period, group, currency_code, day, sum(more_amount) AS amount, sum(more) AS sales
    FROM edges
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, period, group, currency_code, day
    HAVING sales > 0
),
rated AS
(
    SELECT
        t,
        period,
        group,
        currency_code,
        amount,
        sales,
        of_day.factor AS day_factor,
        of_last.factor AS last_factor
    FROM days
    ASOF LEFT JOIN {{part:rates_by_day}} AS of_day
        ON days.currency_code = of_day.currency AND toInt32(days.day) >= of_day.rated_from
    ASOF LEFT JOIN {{part:rates_by_day}} AS of_last
        ON days.currency_code = of_last.currency
            AND toInt32(toDate32(fromUnixTimestamp64Milli(days.t - 1, 'UTC'))) >= of_last.rated_from
),
sums AS
(
    SELECT
        t,
        period,
        group,
        currency_code,
        any(last_factor) AS factor,
        convert(sum(amount), currency_code, factor) AS constant_currency,
        sum(convert(amount, currency_code, day_factor)) AS event_rates,
        sum(sales) AS sales,
        toInt64(countIf(amount != 0 AND currency_code != {reporting_currency:String} AND last_factor.3 = 0)) AS unpriced,
        toInt64(countIf(amount != 0 AND currency_code != {reporting_currency:String} AND day_factor.3 = 0)) AS unpriced_days
    FROM rated
    GROUP BY t, period, group, currency_code
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(constant_currency, period = 'current')) AS current,
    toString(sumIf(constant_currency, period = 'previous')) AS previous,
    toString(sumIf(constant_currency, period = 'previous_yoy')) AS previous_yoy,
    toString(sumIf(event_rates, period = 'current')) AS current_event_rates,
    toString(sumIf(event_rates, period = 'previous')) AS previous_event_rates,
    toString(sumIf(event_rates, period = 'previous_yoy')) AS previous_yoy_event_rates,
    toString(sumIf(sums.sales, period = 'accounts')) AS accounts,
    -- Sums of one currency and day that are not 0, without the rate that the variant asks for.
    toString(sumIf(unpriced, period IN ('current', 'previous'))) AS no_fx_rate,
    toString(sumIf(unpriced, period IN ('current', 'previous_yoy'))) AS no_fx_rate_yoy,
    toString(sumIf(unpriced_days, period IN ('current', 'previous'))) AS no_fx_rate_event_rates,
    toString(sumIf(unpriced_days, period IN ('current', 'previous_yoy'))) AS no_fx_rate_yoy_event_rates
FROM sums
GROUP BY t, group
ORDER BY t, group
