        multiIf(
            event_type = 'billing.subscription_ended', 0,
            event_type = 'billing.subscription_updated' AND {{part:asks_for_end}}, 0,
            ifNull(mrr_minor, 0)) AS mrr,
