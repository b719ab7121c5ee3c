-- Units of clv_observed, of accounts that are not internal and were customers, each with the instant it became one and the plan
-- and month (UTC) of then.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   customer  the account itself
--   sale      a movement of its sales at from_at, at or after that instant, known to t in (known_from, to_at]
-- 253402300800000 (the year 10000) stands for "not".
WITH
customers AS
(
    SELECT
        tenant_id,
        account_id,
        periods.1[1] AS since,
        if(arrayExists(change -> change.1 <= since, plans), arrayLast(change -> change.1 <= since, plans).2, '(none)') AS plan_then
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal AND notEmpty(periods)
),
movements AS
(
    {{part:movements_of_sales}}
)
SELECT
    tenant_id,
    'customer' AS kind,
    plan_then AS plan,
    formatDateTime(fromUnixTimestamp64Milli(since, 'UTC'), '%Y-%m', 'UTC') AS cohort,
    since AS since_at,
    since AS from_at,
    toInt64(253402300800000) AS to_at,
    '' AS currency_code,
    toInt64(0) AS amount,
    since AS known_from
FROM customers
UNION ALL
SELECT
    customers.tenant_id,
    'sale',
    plan_then,
    formatDateTime(fromUnixTimestamp64Milli(since, 'UTC'), '%Y-%m', 'UTC'),
    since,
    at,
    next_at,
    movements.currency_code,
    movements.amount,
    movements.known_from
FROM movements
INNER JOIN customers ON movements.tenant_id = customers.tenant_id AND movements.account_id = customers.account_id
WHERE since <= at
