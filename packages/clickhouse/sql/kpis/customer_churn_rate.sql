-- customer_churn_rate (KPI_SPEC 2.3, 7.4, 7.7): accounts active at t - W and what became of them until t.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound, pause_limit, reporting_currency
-- S: active at t - W, so with an interval s <= t - W < c. E: not in S, with an interval that starts in [t - W, t).
-- A churn c is known to t when c < t. Dimension plan: at t - W for S, at the first start in the window for E.
-- start_mrr and churned_mrr: one sum per currency and group, converted at the rate of the day of t - W, rounded half-even once.
WITH
(n, d) -> sign(n) * (intDiv(abs(n), d) + if(2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND intDiv(abs(n), d) % 2 = 1), 1, 0))
    AS divide_half_even,
intervals AS
(
    SELECT account_id, groupArray((from_at, to_at)) AS periods
    FROM {{database}}.account_intervals(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64})
    GROUP BY account_id
),
judged AS
(
    -- One row per account and t at which it is in S or in E.
    SELECT
        account_id,
        t,
        t - {window_ms:Int64} AS start_at,
        arrayExists(p -> p.1 <= start_at AND start_at < p.2, periods) AS in_start,
        arrayExists(p -> p.1 <= start_at AND start_at < p.2 AND p.2 < t, periods) AS has_churned,
        arrayExists(p -> p.1 < t AND t <= p.2, periods) AS is_active,
        arrayExists(p -> start_at <= p.2 AND p.2 < t, periods) AS has_churn_in_window,
        arrayMin(arrayMap(p -> if(start_at <= p.1 AND p.1 < t, p.1, 253402300800000), periods)) AS entered_at,
        if(in_start, start_at, entered_at) AS dimensions_at
    FROM intervals
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE in_start OR entered_at < t
),
plans AS
(
    SELECT account_id, from_at, plan
    FROM {{database}}.account_plans(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)})
),
counted AS
(
    SELECT
        account_id,
        t,
        start_at,
        in_start,
        has_churned,
        is_active,
        has_churn_in_window,
        arrayMap(d -> if(empty(plans.plan), '(none)', plans.plan), {by:Array(String)}) AS group
    FROM judged
    ASOF LEFT JOIN plans ON judged.account_id = plans.account_id AND judged.dimensions_at >= plans.from_at
    WHERE NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], if(empty(plans.plan), '(none)', plans.plan))
),
states AS
(
    SELECT account_id, from_at, to_at, currency, mrr_minor
    FROM {{database}}.subscription_states(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE mrr_minor > 0
),
revenue AS
(
    SELECT
        t,
        group,
        currency,
        toDate32(fromUnixTimestamp64Milli(any(start_at), 'UTC')) AS day,
        toInt256(sum(mrr_minor)) AS start_mrr,
        toInt256(sumIf(mrr_minor, has_churned)) AS churned_mrr
    FROM counted
    INNER JOIN states ON states.account_id = counted.account_id
    WHERE in_start AND states.from_at <= start_at AND start_at < states.to_at
    GROUP BY t, group, currency
),
factors AS
(
    SELECT currency, day, toNullable(numerator) AS numerator, denominator
    FROM {{database}}.fx_factors(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        reporting_currency = {reporting_currency:String})
),
converted AS
(
    SELECT
        revenue.t AS t,
        revenue.group AS group,
        sum(multiIf(
            revenue.currency = {reporting_currency:String}, start_mrr,
            factors.numerator IS NULL, 0,
            divide_half_even(start_mrr * assumeNotNull(factors.numerator), factors.denominator))) AS start_mrr_reporting,
        sum(multiIf(
            revenue.currency = {reporting_currency:String}, churned_mrr,
            factors.numerator IS NULL, 0,
            divide_half_even(churned_mrr * assumeNotNull(factors.numerator), factors.denominator))) AS churned_mrr_reporting,
        countIf(revenue.currency != {reporting_currency:String} AND factors.numerator IS NULL) AS unconverted
    FROM revenue
    ASOF LEFT JOIN factors ON revenue.currency = factors.currency AND revenue.day >= factors.day
    GROUP BY t, group
),
counts AS
(
    SELECT
        t,
        group,
        countIf(in_start) AS start,
        countIf(in_start AND has_churned) AS churned,
        countIf(in_start AND NOT is_active) AS net_lost,
        count() AS with_new_base,
        countIf(has_churn_in_window) AS with_new_churned
    FROM counted
    GROUP BY t, group
)
SELECT
    toString(counts.t) AS as_of,
    counts.group AS group,
    toString(start) AS start,
    toString(churned) AS churned,
    toString(net_lost) AS net_lost,
    toString(with_new_base) AS with_new_base,
    toString(with_new_churned) AS with_new_churned,
    toString(start_mrr_reporting) AS start_mrr,
    toString(churned_mrr_reporting) AS churned_mrr,
    toString(unconverted) AS no_fx_rate
FROM counts
LEFT JOIN converted ON converted.t = counts.t AND converted.group = counts.group
ORDER BY counts.t, group
