-- Per account its payments above 0 (source, invoice, paid at, until the next statement of the invoice, amount) and its refunds
-- (source, invoice, at, amount) in order.
SELECT
    tenant_id,
    account_id,
    groupArrayIf(
        (source, ifNull(invoice_id, ''), at, next_at, toInt64(ifNull(amount_net_minor, 0))),
        event_type = 'billing.invoice_paid' AND at < next_at AND amount_net_minor > 0) AS payments,
    arraySort(refund -> refund.3, groupArrayIf(
        (source, ifNull(invoice_id, ''), at, toInt64(ifNull(amount_minor, 0))),
        event_type = 'billing.refund_issued')) AS refunds
FROM
(
    SELECT
        tenant_id, account_id, event_type, source, at, invoice_id, amount_net_minor, amount_minor,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, invoice_id, if(event_type = 'billing.invoice_paid', '', event_id)
            ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['billing.invoice_paid', 'billing.refund_issued'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
)
GROUP BY tenant_id, account_id
