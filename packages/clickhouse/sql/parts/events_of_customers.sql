    -- An update that says when a subscription will end is its end, where that is when a customer is lost.
{{part:account_event_columns}}
{{part:revenue_until_end}}
        ifNull(currency, '') AS currency_code,
        ifNull(plan_id, '(none)') AS plan_name,
        event_type = 'billing.subscription_updated' AND mrr <= 0 AND NOT ({{part:asks_for_end}}) AS is_pause
{{part:account_event_source}}
