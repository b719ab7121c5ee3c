-- Units of clv_formula, of accounts that are not internal, each with the plan that the account has at t - W: that of a stretch
-- of its life with t - W in [stretch_from, stretch_to).
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   active  an active period that began at from_at and ended at to_at; the next one begins at next_from
--   sale    a movement of sales at from_at, known to t in (known_from, to_at]
-- 253402300800000 (the year 10000) stands for "not".
WITH
histories AS
(
    SELECT
        tenant_id,
        account_id,
        is_internal,
        periods,
        arrayPushFront(plans, (toInt64(-9000000000000000), '(none)')) AS all_plans,
        arrayZip(
            all_plans.2,
            all_plans.1,
            arrayPushBack(arrayPopFront(all_plans.1), toInt64(253402300800000))) AS plan_stretches
    FROM {{part:lives_of_accounts}}
),
movements AS
(
    {{part:movements_of_sales}}
),
units AS
(
    SELECT
        tenant_id,
        plan_stretches,
        'active' AS kind,
        period.1 AS from_at,
        period.2 AS to_at,
        next_start AS next_from,
        '' AS currency_code,
        toInt64(0) AS amount,
        toInt64(0) AS purchases,
        period.1 AS known_from
    FROM histories
    ARRAY JOIN
        periods AS period,
        arrayResize(arrayPushBack(arrayPopFront(periods.1), toInt64(253402300800000)), length(periods)) AS next_start
    WHERE NOT is_internal
    UNION ALL
    SELECT
        movements.tenant_id,
        if(empty(histories.plan_stretches),
            [('(none)', toInt64(-9000000000000000), toInt64(253402300800000))],
            histories.plan_stretches),
        'sale',
        at,
        next_at,
        toInt64(253402300800000),
        currency_code,
        amount,
        purchases,
        known_from
    FROM movements
    LEFT JOIN histories ON movements.tenant_id = histories.tenant_id AND movements.account_id = histories.account_id
    WHERE NOT histories.is_internal
)
SELECT
    tenant_id,
    kind,
    stretch.1 AS plan,
    stretch.2 AS stretch_from,
    stretch.3 AS stretch_to,
    from_at,
    to_at,
    next_from,
    currency_code,
    amount,
    purchases,
    known_from
FROM units
ARRAY JOIN plan_stretches AS stretch
WHERE if(kind = 'sale', stretch_from <= from_at, stretch_from < to_at)
