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
events AS
(
    SELECT account_id, source, event_type, event_id, invoice_id, at, ifNull(currency, '') AS currency,
        amount_net_minor, amount_minor
    FROM {{database}}.effective_events(
        tenants = [{tenant_id:String}],
        types = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
        AND (tenant_id, account_id) NOT IN (
            SELECT tenant_id, account_id
            FROM {{database}}.internal_accounts(
                tenants = [{tenant_id:String}],
                offset_bound = {offset_bound:Map(String, Int64)}))
),
sales AS
(
    SELECT
        account_id,
        at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY source, invoice_id ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        currency,
        ifNull(amount_net_minor, 0) AS amount
    FROM events
    WHERE event_type = 'billing.invoice_paid'
    UNION ALL
    SELECT account_id, at, 253402300800000 AS next_at, currency, -ifNull(amount_minor, 0) AS amount
    FROM events
    WHERE event_type != 'billing.invoice_paid'
),
plans AS
(
    SELECT account_id, from_at, plan
    FROM {{database}}.account_plans(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)})
),
dimensioned AS
(
    SELECT
        sales.account_id AS account_id,
        at,
        next_at,
        currency,
        amount,
        if(empty(plans.plan), '(none)', plans.plan) AS plan,
        arrayMap(d -> plan, {by:Array(String)}) AS group
    FROM sales
    ASOF LEFT JOIN plans ON sales.account_id = plans.account_id AND sales.at >= plans.from_at
    WHERE NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan)
),
days AS
(
    -- One sum per t, window, group, currency and UTC day inside the window.
    SELECT
        in_window.1 AS t,
        in_window.2 AS period,
        group,
        currency,
        toDate32(fromUnixTimestamp64Milli(at, 'UTC')) AS day,
        toDate32(fromUnixTimestamp64Milli(t - 1, 'UTC')) AS last_day,
        toInt256(sum(amount)) AS amount,
        count() AS sales,
        groupUniqArrayIf(account_id, period = 'current') AS accounts
    FROM dimensioned
    ARRAY JOIN arrayConcat(
        arrayMap(x -> (x, 'current'), arrayFilter(
            x -> at < x AND x - {window_ms:Int64} <= at AND x <= next_at, {as_of:Array(Int64)})),
        arrayMap(x -> (x, 'previous'), arrayFilter(
            x -> at < x - {window_ms:Int64} AND x - 2 * {window_ms:Int64} <= at AND x <= next_at, {as_of:Array(Int64)})),
        arrayMap(x -> (x, 'previous_yoy'), arrayFilter(
            x -> at < x - 31449600000 AND x - 31449600000 - {window_ms:Int64} <= at AND x <= next_at,
            {as_of:Array(Int64)}))) AS in_window
    GROUP BY t, period, group, currency, day, last_day
),
factors AS
(
    SELECT currency, day AS factor_day, toNullable(numerator) AS numerator, denominator
    FROM {{database}}.fx_factors(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        reporting_currency = {reporting_currency:String})
),
at_event_rates AS
(
    SELECT
        days.t AS t,
        days.period AS period,
        days.group AS group,
        days.currency AS currency,
        days.last_day AS last_day,
        sum(days.amount) AS amount,
        sum(days.sales) AS sales,
        groupUniqArrayArray(days.accounts) AS accounts,
        sum(multiIf(
            days.currency = {reporting_currency:String}, days.amount,
            factors.numerator IS NULL, 0,
            divide_half_even(days.amount * assumeNotNull(factors.numerator), factors.denominator))) AS event_rates
    FROM days
    ASOF LEFT JOIN factors ON days.currency = factors.currency AND days.day >= factors.factor_day
    GROUP BY t, period, group, currency, last_day
),
sums AS
(
    SELECT
        at_event_rates.t AS t,
        at_event_rates.period AS period,
        at_event_rates.group AS group,
        at_event_rates.event_rates AS event_rates,
        at_event_rates.accounts AS accounts,
        at_event_rates.sales AS sales,
        at_event_rates.currency = {reporting_currency:String} OR factors.numerator IS NOT NULL AS has_rate,
        multiIf(
            at_event_rates.currency = {reporting_currency:String}, at_event_rates.amount,
            factors.numerator IS NULL, 0,
            divide_half_even(at_event_rates.amount * assumeNotNull(factors.numerator), factors.denominator)) AS constant_rate
    FROM at_event_rates
    ASOF LEFT JOIN factors ON at_event_rates.currency = factors.currency AND at_event_rates.last_day >= factors.factor_day
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(constant_rate, period = 'current')) AS current,
    toString(sumIf(constant_rate, period = 'previous')) AS previous,
    toString(sumIf(constant_rate, period = 'previous_yoy')) AS previous_yoy,
    toString(sumIf(event_rates, period = 'current')) AS current_event_rates,
    toString(sumIf(event_rates, period = 'previous')) AS previous_event_rates,
    toString(sumIf(event_rates, period = 'previous_yoy')) AS previous_yoy_event_rates,
    toString(length(groupUniqArrayArray(accounts))) AS accounts,
    toString(sumIf(sales, NOT has_rate AND period != 'previous_yoy')) AS no_fx_rate
FROM sums
GROUP BY t, group
ORDER BY t, group
