-- sales_growth_rate (KPI_SPEC 2.5, 7.5, 7.7.10): net sales of three windows.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound, reporting_currency
-- Windows: current [t - W, t), previous [t - 2W, t - W), previous_yoy [t - W - 364 d, t - 364 d). An invoice that is sent
-- again replaces the earlier one from its own instant on, so it is known to t with at < t <= next_at; refunds and lost
-- disputes are sales below 0 at their own instant. Dimension plan: of the account at the sale.
-- Constant currency: one sum per group, currency and window, at the rate of the day of t - 1 ms. Event rates: one sum per
-- group, currency and UTC day inside the window, at the rate of that day. Each sum is rounded half-even once.
WITH
(n, d) -> sign(n) * (intDiv(abs(n), d) + if(2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND intDiv(abs(n), d) % 2 = 1), 1, 0))
    AS divide_half_even,
-- A sum in the reporting currency, 0 without a rate.
(amount, currency, factor) -> multiIf(
    currency = {reporting_currency:String}, amount,
    factor.3 = 0, toInt256(0),
    divide_half_even(amount * factor.2, if(factor.3 = 0, toInt256(1), factor.3))) AS convert,
sales AS
(
    SELECT
        account_id,
        at,
        ifNull(currency, '') AS currency_code,
        if(event_type = 'billing.invoice_paid', ifNull(amount_net_minor, 0), -ifNull(amount_minor, 0)) AS amount,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY source, invoice_id, if(event_type = 'billing.invoice_paid', '', event_id) ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM {{database}}.effective_events(
        tenants = [{tenant_id:String}],
        types = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
),
accounts AS
(
    SELECT account_id, is_internal, plans
    FROM {{database}}.account_histories(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = 0,
        training_courses = [],
        tenure_edges = [])
),
dimensioned AS
(
    SELECT
        sales.account_id AS account_id,
        at,
        next_at,
        currency_code,
        amount,
        if(arrayExists(change -> change.1 <= at, accounts.plans),
            arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan
    FROM sales
    LEFT JOIN accounts ON sales.account_id = accounts.account_id
    WHERE NOT accounts.is_internal
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
),
days AS
(
    -- One sum per t, window, group, currency and UTC day inside the window.
    SELECT
        in_window.1 AS t,
        in_window.2 AS period,
        arrayMap(d -> plan, {by:Array(String)}) AS group,
        currency_code,
        toDate32(fromUnixTimestamp64Milli(at, 'UTC')) AS day,
        toInt256(sum(dimensioned.amount)) AS amount,
        count() AS sales,
        groupUniqArrayIf(account_id, period = 'current') AS day_accounts
    FROM dimensioned
    ARRAY JOIN arrayConcat(
        arrayMap(x -> (x, 'current'), arrayFilter(
            x -> at < x AND x - {window_ms:Int64} <= at AND x <= next_at, {as_of:Array(Int64)})),
        arrayMap(x -> (x, 'previous'), arrayFilter(
            x -> at < x - {window_ms:Int64} AND x - 2 * {window_ms:Int64} <= at AND x <= next_at, {as_of:Array(Int64)})),
        arrayMap(x -> (x, 'previous_yoy'), arrayFilter(
            x -> at < x - 31449600000 AND x - 31449600000 - {window_ms:Int64} <= at AND x <= next_at,
            {as_of:Array(Int64)}))) AS in_window
    GROUP BY t, period, group, currency_code, day
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
        day_accounts,
        arrayLast(f -> f.1 <= day, rates.factors) AS day_factor,
        arrayLast(f -> f.1 <= toDate32(fromUnixTimestamp64Milli(t - 1, 'UTC')), rates.factors) AS last_factor
    FROM days
    LEFT JOIN
    (
        SELECT currency, factors
        FROM {{database}}.fx_factors(
            tenants = [{tenant_id:String}],
            offset_bound = {offset_bound:Map(String, Int64)},
            reporting_currency = {reporting_currency:String})
    ) AS rates ON days.currency_code = rates.currency
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
        groupUniqArrayArray(day_accounts) AS accounts,
        currency_code != {reporting_currency:String} AND factor.3 = 0 AS has_no_rate
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
    toString(length(groupUniqArrayArray(sums.accounts))) AS accounts,
    toString(sumIf(sales, has_no_rate AND period != 'previous_yoy')) AS no_fx_rate
FROM sums
GROUP BY t, group
ORDER BY t, group
