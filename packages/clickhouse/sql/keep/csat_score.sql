INSERT INTO {{database}}.kept_csat_score (generation, tenant_id, at, next_at, survey, context_name, plan, is_satisfied)
SELECT {generation:UUID}, tenant_id, at, next_at, survey, context_name, plan, is_satisfied
FROM ({{units:csat_score}})
