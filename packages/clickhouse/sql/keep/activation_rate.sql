INSERT INTO {{database}}.kept_activation_rate (generation, tenant_id, created_at, is_imported, activated_at, plan)
SELECT {generation:UUID}, tenant_id, created_at, is_imported, activated_at, plan
FROM ({{units:activation_rate}})
