-- Movements of sales: what was paid, until the next statement of its invoice (known to t with at < t <= next_at); refunds and lost
-- disputes below 0, at their own instant.
SELECT
    tenant_id,
    account_id,
    at,
    ifNull(currency, '') AS currency_code,
    if(event_type = 'billing.invoice_paid', ifNull(amount_net_minor, 0), -ifNull(amount_minor, 0)) AS amount,
    if(event_type = 'billing.invoice_paid', toInt64(ifNull(purchase_count, 1)), 0) AS purchases,
    leadInFrame(at, 1, toInt64(253402300800000)) OVER (
        PARTITION BY tenant_id, source, invoice_id, if(event_type = 'billing.invoice_paid', '', event_id)
        ORDER BY at, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
FROM {{database}}.effective_events(
    tenants = {tenants:Array(String)},
    types = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
    offset_bound = {offset_bound:Map(String, Int64)})
WHERE account_id != ''
