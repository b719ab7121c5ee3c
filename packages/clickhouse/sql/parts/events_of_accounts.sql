{{part:account_event_columns}}
        if(event_type = 'billing.subscription_ended', 0, ifNull(mrr_minor, 0)) AS mrr,
        ifNull(currency, '') AS currency_code,
        ifNull(plan_id, '(none)') AS plan_name,
        event_type = 'billing.subscription_updated' AND mrr <= 0 AS is_pause
{{part:account_event_source}}
