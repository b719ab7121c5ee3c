-- Units of expansion_conversion_rate, of accounts that are not internal and completed an onboarding: one row each.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, expansion_grace
--   pieces      stretches [from, to) of active periods with one plan: (from, to, plan)
--   expansions  (kind, at, undone, levels): kind 'upsell' or 'cross_sell'; undone: stretches [from, to) in which it is reversed or
--               refunded; levels: monthly revenue [from, to, minor units) of the product over all time, of an upsell in its currency
-- 253402300800000 (the year 10000) stands for "not", -9000000000000000 for the beginning of time.
WITH
{{part:settled_payments}},
onboarded AS
(
    SELECT tenant_id, account_id, min(at) AS first_onboarded_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['onboarding.completed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
),
histories AS
(
    SELECT tenant_id, account_id, arrayMap(piece -> (piece.1, piece.2, piece.5), pieces) AS plan_pieces
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal AND notEmpty(pieces)
),
-- Every state that a subscription had, and the one before it. While it is paused, from an update to MRR 0 until the limit or until anything
-- else is said of it, it has what it had.
states AS
(
    SELECT
        tenant_id, account_id, at, next_at, mrr, currency_code, plan_name, product, seats, stated_reason,
        row_number() OVER before AS place,
        max(mrr) OVER earlier AS highest_before,
        -- The last state that is no pause: (at, mrr, currency, plan, product, seats, until).
        max((if(is_pause, -9000000000000000, at), mrr, currency_code, plan_name, product, seats, next_at)) OVER earlier AS held,
        held.7 + {pause_limit:Int64} AS pause_end,
        is_pause AND held.2 > 0 AND at < pause_end AS is_paused,
        lagInFrame(is_pause, 1, false) OVER before AND held.2 > 0 AND {pause_limit:Int64} > 0 AND at <= pause_end AS was_paused,
        if(was_paused, held.2, lagInFrame(mrr, 1, 0) OVER before) AS mrr_before,
        if(was_paused, held.3, lagInFrame(currency_code, 1, '') OVER before) AS currency_before,
        if(was_paused, held.4, lagInFrame(plan_name, 1, '') OVER before) AS plan_before,
        if(was_paused, held.5, lagInFrame(product, 1, '') OVER before) AS product_before,
        if(was_paused, held.6, lagInFrame(seats, 1, 0) OVER before) AS seats_before
    FROM
    (
        SELECT
            tenant_id, account_id, source, at,
            ifNull(subscription_id, '') AS subscription,
            leadInFrame(at, 1, toInt64(253402300800000)) OVER (
                PARTITION BY tenant_id, account_id, source, subscription_id ORDER BY at, event_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
{{part:revenue_until_end}}
            ifNull(currency, '') AS currency_code,
            ifNull(plan_id, '') AS plan_name,
            ifNull(product_id, '') AS product,
            toInt64(ifNull(quantity, 0)) AS seats,
            if(event_type = 'billing.subscription_updated', ifNull(change_reason, ''), '') AS stated_reason,
            event_type = 'billing.subscription_updated' AND mrr <= 0 AND NOT ({{part:asks_for_end}}) AS is_pause
        FROM {{database}}.effective_events(
            tenants = {tenants:Array(String)},
            types = ['billing.subscription_started', 'billing.subscription_updated', 'billing.subscription_ended'],
            offset_bound = {offset_bound:Map(String, Int64)})
        WHERE account_id != ''
    )
    WHERE at < next_at
    WINDOW
        before AS (
            PARTITION BY tenant_id, account_id, source, subscription ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
        earlier AS (
            PARTITION BY tenant_id, account_id, source, subscription ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
subscriptions AS
(
    SELECT
        tenant_id,
        account_id,
        -- (product, currency, from, to, mrr)
        arrayConcat(
            groupArrayIf((product, currency_code, at, next_at, toInt64(mrr)), mrr > 0),
            groupArrayIf((held.5, held.3, at, least(next_at, pause_end), toInt64(held.2)), is_paused)) AS opens,
        -- What may be an expansion: no trial that becomes paid. (at, product, currency, as more of what it had)
        groupArrayIf(
            (
                at,
                product,
                currency_code,
                multiIf(
                    mrr_before <= 0 OR product_before != product, stated_reason IN ('', 'plan', 'seats'),
                    currency_before != currency_code OR mrr <= mrr_before, false,
                    stated_reason != '', stated_reason IN ('plan', 'seats'),
                    plan_name != plan_before OR seats > seats_before)
            ),
            mrr > 0 AND NOT (place > 1 AND highest_before <= 0)) AS candidates
    FROM states
    GROUP BY tenant_id, account_id
),
money AS
(
    {{part:payments_and_refunds}}
),
expansions AS
(
    SELECT
        subscriptions.tenant_id AS tenant,
        subscriptions.account_id AS account,
        candidate.1 AS at,
        at + {expansion_grace:Int64} AS grace_end,
        arrayExists(open -> open.1 = candidate.2 AND open.3 < at AND at <= open.4, opens) AS is_held,
        if(is_held, 'upsell', 'cross_sell') AS kind,
        arrayFilter(open -> open.1 = candidate.2 AND (NOT is_held OR open.2 = candidate.3), opens) AS own,
        arraySort(arrayDistinct(arrayConcat([toInt64(-9000000000000000)], own.3, own.4, [toInt64(253402300800000)]))) AS cuts,
        arrayMap(
            (level_from, level_to) -> (
                level_from,
                level_to,
                arraySum(open -> if(open.3 <= level_from AND level_from < open.4, open.5, 0), own)),
            arrayPopBack(cuts),
            arrayPopFront(cuts)) AS levels,
        if(is_held, arrayFirst(level -> at <= level.2, levels).3, 0) AS former,
        arrayFirst(level -> at < level.1 AND level.1 < grace_end AND level.3 <= former, levels).1 AS reversed_at,
        -- What was refunded, until the next statement of its invoice.
        arrayMap(
            payment -> (greatest(payment.1, payment.3), payment.2),
            settled(money.payments, money.refunds, at, grace_end)) AS refunded,
        arrayFilter(
            stretch -> stretch.1 < stretch.2,
            arrayPushFront(
                refunded,
                (if(reversed_at = 0, toInt64(253402300800000), reversed_at), toInt64(253402300800000)))) AS undone
    FROM subscriptions
    LEFT JOIN money ON subscriptions.tenant_id = money.tenant_id AND subscriptions.account_id = money.account_id
    ARRAY JOIN candidates AS candidate
    WHERE NOT is_held OR candidate.4
)
SELECT
    onboarded.tenant_id AS tenant_id,
    first_onboarded_at AS onboarded_at,
    plan_pieces AS pieces,
    found.all_expansions AS expansions
FROM onboarded
INNER JOIN histories ON onboarded.tenant_id = histories.tenant_id AND onboarded.account_id = histories.account_id
LEFT JOIN
(
    SELECT tenant, account, groupArray((kind, at, undone, levels)) AS all_expansions
    FROM expansions
    GROUP BY tenant, account
) AS found ON onboarded.tenant_id = found.tenant AND onboarded.account_id = found.account
