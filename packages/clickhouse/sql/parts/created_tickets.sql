created AS
(
    SELECT
        tenant_id, source, ticket_id, event_type, occurred_at, account_id, requester_user_id, channel, priority, category,
        incident_id, is_customer_initiated, is_support,
        countIf(event_type = 'support.ticket_invalidated') OVER (PARTITION BY tenant_id, source, ticket_id) > 0 AS is_invalid,
        row_number() OVER (PARTITION BY tenant_id, source, ticket_id, event_type ORDER BY at DESC, event_id DESC) AS place
    FROM {{database}}.effective_events(
        tenants = [], types = ['support.ticket_created', 'support.ticket_invalidated'], offset_bound = map())
)
