INSERT INTO {{database}}.kept_support_ticket_rate (generation, tenant_id, account_id, kind, from_at, to_at, trained, tenure, plan)
SELECT {generation:UUID}, tenant_id, account_id, kind, from_at, to_at, trained, tenure, plan
FROM ({{units:support_ticket_rate}})
