INSERT INTO {{database}}.kept_registered_churn_share (generation, tenant_id, plan, kind, from_at, to_at, dormant_at, next_from, was_active)
SELECT {generation:UUID}, tenant_id, plan, kind, from_at, to_at, dormant_at, next_from, was_active
FROM ({{units:registered_churn_share}})
