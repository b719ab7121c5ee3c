    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'lms.course_completed', 'billing.subscription_started', 'billing.subscription_updated',
            'billing.subscription_ended'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
