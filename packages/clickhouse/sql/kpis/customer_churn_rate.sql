-- customer_churn_rate (KPI_SPEC 2.3, 7.4, 7.7): accounts active at t - W and what became of them until t.
--   tenant_id, as_of (ms), window_ms, by, filter, offset_bound, pause_limit, reporting_currency
-- S: active at t - W, so with a period s <= t - W < c. E: not in S, with a period that starts in [t - W, t).
-- A churn c is known to t when c < t. Dimension plan: at t - W for S, at the first start in the window for E.
-- start_mrr and churned_mrr: one sum per currency and group, converted at the rate of the day of t - W, rounded half-even once.
WITH
(n, d) -> sign(n) * (intDiv(abs(n), d) + if(2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND intDiv(abs(n), d) % 2 = 1), 1, 0))
    AS divide_half_even,
-- A sum in the reporting currency, 0 without a rate.
(amount, currency, factor) -> multiIf(
    currency = {reporting_currency:String}, amount,
    factor.3 = 0, toInt256(0),
    divide_half_even(amount * factor.2, if(factor.3 = 0, toInt256(1), factor.3))) AS convert,
judged AS
(
    -- One row per account and t at which it is in S or in E.
    SELECT
        t,
        t - {window_ms:Int64} AS start_at,
        arrayExists(p -> p.1 <= start_at AND start_at < p.2, periods) AS in_start,
        arrayExists(p -> p.1 <= start_at AND start_at < p.2 AND p.2 < t, periods) AS has_churned,
        arrayExists(p -> p.1 < t AND t <= p.2, periods) AS is_active,
        arrayExists(p -> start_at <= p.2 AND p.2 < t, periods) AS has_churn_in_window,
        arrayMin(arrayMap(p -> if(start_at <= p.1 AND p.1 < t, p.1, 253402300800000), periods)) AS entered_at,
        arrayLast(change -> change.1 <= if(in_start, start_at, entered_at), plans).2 AS plan,
        arrayFilter(s -> in_start AND s.1 <= start_at AND start_at < s.2 AND s.3 > 0, states) AS start_states
    FROM {{database}}.account_histories(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        training_courses = [],
        tenure_edges = [])
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE NOT is_internal AND notEmpty(periods) AND (in_start OR entered_at < t)
),
grouped AS
(
    SELECT
        t,
        arrayMap(d -> plan, {by:Array(String)}) AS group,
        countIf(in_start) AS start,
        countIf(in_start AND has_churned) AS churned,
        countIf(in_start AND NOT is_active) AS net_lost,
        count() AS with_new_base,
        countIf(has_churn_in_window) AS with_new_churned,
        -- Currencies, and the sum of each.
        sumMap(start_states.4, start_states.3) AS start_sums,
        sumMap(start_states.4, arrayMap(s -> if(has_churned, s.3, 0), start_states)) AS churned_sums
    FROM judged
    WHERE NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan)
    GROUP BY t, group
),
by_currency AS
(
    SELECT
        t, group, start, churned, net_lost, with_new_base, with_new_churned,
        toDate32(fromUnixTimestamp64Milli(t - {window_ms:Int64}, 'UTC')) AS day,
        currency,
        toInt256(start_sum) AS start_sum,
        toInt256(if(has(churned_sums.1, currency), churned_sums.2[indexOf(churned_sums.1, currency)], 0)) AS churned_sum
    FROM grouped
    LEFT ARRAY JOIN start_sums.1 AS currency, start_sums.2 AS start_sum
),
rated AS
(
    SELECT
        t, group, start, churned, net_lost, with_new_base, with_new_churned, start_sum, churned_sum,
        by_currency.currency AS currency_code,
        arrayLast(f -> f.1 <= day, rates.factors) AS factor
    FROM by_currency
    LEFT JOIN
    (
        SELECT currency, factors
        FROM {{database}}.fx_factors(
            tenants = [{tenant_id:String}],
            offset_bound = {offset_bound:Map(String, Int64)},
            reporting_currency = {reporting_currency:String})
    ) AS rates ON by_currency.currency = rates.currency
)
SELECT
    toString(t) AS as_of,
    group,
    toString(any(rated.start)) AS start,
    toString(any(rated.churned)) AS churned,
    toString(any(rated.net_lost)) AS net_lost,
    toString(any(rated.with_new_base)) AS with_new_base,
    toString(any(rated.with_new_churned)) AS with_new_churned,
    toString(sum(convert(start_sum, currency_code, factor))) AS start_mrr,
    toString(sum(convert(churned_sum, currency_code, factor))) AS churned_mrr,
    -- A group without MRR has one row without a currency.
    toString(countIf(currency_code NOT IN ('', {reporting_currency:String}) AND factor.3 = 0)) AS no_fx_rate
FROM rated
GROUP BY t, group
ORDER BY t, group
