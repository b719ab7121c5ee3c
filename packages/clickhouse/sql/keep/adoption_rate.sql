INSERT INTO {{database}}.kept_adoption_rate (generation, tenant_id, onboarded_at, pieces, plan, active_days)
SELECT {generation:UUID}, tenant_id, onboarded_at, pieces, plan, active_days
FROM ({{units:adoption_rate}})
