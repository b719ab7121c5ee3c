-- Units of sales_growth_rate: sales with the plan of their account at the sale, known to t with known_from < t <= next_at.
--   tenants (empty means all), offset_bound
-- An invoice that is sent again replaces the earlier one from its own instant on; refunds and lost disputes are sales below 0
-- (parts/movements_of_sales.sql).
WITH
sales AS
(
    {{part:movements_of_sales}}
),
accounts AS
(
    {{part:plans_of_accounts}}
)
SELECT
    sales.tenant_id AS tenant_id,
    sales.account_id AS account_id,
    at,
    next_at,
    currency_code,
    amount,
    if(arrayExists(change -> change.1 <= at, accounts.plans),
        arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan,
    known_from
FROM sales
LEFT JOIN accounts ON sales.tenant_id = accounts.tenant_id AND sales.account_id = accounts.account_id
WHERE NOT accounts.is_internal
