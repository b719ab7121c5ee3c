    -- An update that says when a subscription will end is its end, where that is when a customer is lost.
    SELECT
        tenant_id,
        account_id,
        source,
        event_id,
        at,
        is_internal,
        event_type = 'lms.course_completed'
            AND user_id != ''
            AND (empty({training_courses:Array(String)}) OR course_id IN {training_courses:Array(String)}) AS trains,
        ifNull(subscription_id, '') AS subscription,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, subscription_id, if(subscription_id IS NULL, event_id, '') ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        multiIf(
            event_type = 'billing.subscription_ended', 0,
            event_type = 'billing.subscription_updated' AND {churn_recognition:String} = 'cancellation' AND cancel_at IS NOT NULL, 0,
            ifNull(mrr_minor, 0)) AS mrr,
        ifNull(currency, '') AS currency_code,
        ifNull(plan_id, '(none)') AS plan_name,
        event_type = 'billing.subscription_updated' AND mrr <= 0 AND NOT ({churn_recognition:String} = 'cancellation' AND cancel_at IS NOT NULL) AS is_pause
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'lms.course_completed', 'billing.subscription_started', 'billing.subscription_updated',
            'billing.subscription_ended'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
