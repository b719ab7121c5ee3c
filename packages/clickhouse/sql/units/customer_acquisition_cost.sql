-- Units of customer_acquisition_cost:
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, refund_grace
--   new    an account that is not internal became a customer at since_at: counts at t in (from_at, to_at] and t <= since_at + W.
--          One row for each stretch in which it had not got back all that it paid in its first time
--   spend  a record of spend for [from_at, to_at), recorded at since_at
-- 253402300800000 (the year 10000) stands for "not".
WITH
{{part:settled_payments}},
histories AS
(
    SELECT tenant_id, account_id, periods.1[1] AS customer_since, plans
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal AND notEmpty(periods)
),
said AS
(
    SELECT
        tenant_id,
        account_id,
        argMaxIf(source_channel, (at, event_id, source), event_type = 'account.created' AND source_channel IS NOT NULL) AS stated,
        arraySort(groupArrayIf((at, event_id, source, ifNull(channel, '')), startsWith(event_type, 'crm.')))[1] AS lead
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'crm.lead_created', 'crm.opportunity_won'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
),
money AS
(
    {{part:payments_and_refunds}}
),
newcomers AS
(
    SELECT
        histories.tenant_id AS tenant,
        customer_since,
        if(arrayExists(change -> change.1 <= customer_since, plans),
            arrayLast(change -> change.1 <= customer_since, plans).2, '(none)') AS plan_then,
        multiIf(
            said.stated IS NOT NULL, assumeNotNull(said.stated),
            said.lead.2 != '' AND said.lead.1 <= customer_since, said.lead.4,
            '(none)') AS channel_then,
        settled(money.payments, money.refunds, customer_since, customer_since + {refund_grace:Int64}) AS paid,
        arraySort(arrayDistinct(arrayConcat(
            [customer_since, toInt64(253402300800000)],
            arrayFilter(
                instant -> customer_since < instant AND instant < 253402300800000,
                arrayConcat(paid.1, paid.2, paid.3))))) AS instants
    FROM histories
    LEFT JOIN said ON histories.tenant_id = said.tenant_id AND histories.account_id = said.account_id
    LEFT JOIN money ON histories.tenant_id = money.tenant_id AND histories.account_id = money.account_id
)
SELECT
    tenant AS tenant_id,
    'new' AS kind,
    plan_then AS plan,
    channel_then AS channel,
    customer_since AS since_at,
    stretch.1 AS from_at,
    stretch.2 AS to_at,
    '' AS currency_code,
    toInt64(0) AS amount
FROM newcomers
ARRAY JOIN arrayFilter(
    stretch -> NOT arrayExists(payment -> payment.1 <= stretch.1 AND stretch.1 < payment.2, paid)
        OR arrayExists(payment -> payment.1 <= stretch.1 AND stretch.1 < payment.2 AND stretch.1 < payment.3, paid),
    arrayZip(arrayPopBack(instants), arrayPopFront(instants))) AS stretch
UNION ALL
SELECT
    tenant_id,
    'spend',
    '(none)',
    last.3,
    last.1,
    last.4,
    last.5,
    last.6,
    last.7
FROM
(
    SELECT
        tenant_id,
        argMax(
            (at, event_id, ifNull(channel, ''), from_ms, to_ms, ifNull(currency, ''), toInt64(ifNull(amount_minor, 0))),
            (at, event_id)) AS last
    FROM
    (
        SELECT
            tenant_id, source, spend_id, at, event_id, channel, currency, amount_minor,
            toUnixTimestamp64Milli(assumeNotNull(period_start)) AS from_ms,
            toUnixTimestamp64Milli(assumeNotNull(period_end)) AS to_ms
        FROM {{database}}.effective_events(
            tenants = {tenants:Array(String)},
            types = ['marketing.spend_recorded'],
            offset_bound = {offset_bound:Map(String, Int64)})
    )
    GROUP BY tenant_id, source, spend_id
)
