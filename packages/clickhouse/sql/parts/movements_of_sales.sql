-- Movements of sales, known to t with known_from < t <= next_at: what was paid, until the next statement of its invoice; refunds and lost
-- disputes below 0, at their own instant or, where definitions say so, at that of the payment that they take back: the last one before.
--   refund_attribution  'refund' or 'original'
SELECT
    tenant_id,
    account_id,
    if({refund_attribution:String} = 'original' AND paid_at > -9000000000000000, paid_at, moved_at) AS at,
    currency_code,
    amount,
    purchases,
    next_at,
    moved_at AS known_from
FROM
(
    SELECT
        tenant_id,
        account_id,
        at AS moved_at,
        ifNull(currency, '') AS currency_code,
        if(event_type = 'billing.invoice_paid', ifNull(amount_net_minor, 0), -ifNull(amount_minor, 0)) AS amount,
        if(event_type = 'billing.invoice_paid', toInt64(ifNull(purchase_count, 1)), 0) AS purchases,
        max(if(event_type = 'billing.invoice_paid', at, -9000000000000000)) OVER (
            PARTITION BY tenant_id, source, invoice_id
            ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS paid_at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, invoice_id, if(event_type = 'billing.invoice_paid', '', event_id)
            ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
)
