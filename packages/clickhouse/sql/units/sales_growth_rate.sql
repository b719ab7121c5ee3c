-- Units of sales_growth_rate: sales with the plan of their account at the sale, known to t with at < t <= next_at.
--   tenants (empty means all), offset_bound
-- An invoice that is sent again replaces the earlier one from its own instant on; refunds and lost disputes are sales below 0
-- at their own instant.
WITH
sales AS
(
    SELECT
        tenant_id,
        account_id,
        at,
        ifNull(currency, '') AS currency_code,
        if(event_type = 'billing.invoice_paid', ifNull(amount_net_minor, 0), -ifNull(amount_minor, 0)) AS amount,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, invoice_id, if(event_type = 'billing.invoice_paid', '', event_id)
            ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
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
        arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan
FROM sales
LEFT JOIN accounts ON sales.tenant_id = accounts.tenant_id AND sales.account_id = accounts.account_id
WHERE NOT accounts.is_internal
