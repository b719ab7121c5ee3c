INSERT INTO {{database}}.kept_nps_score (generation, tenant_id, at, next_at, survey, context_name, plan, class)
SELECT {generation:UUID}, tenant_id, at, next_at, survey, context_name, plan, class
FROM ({{units:nps_score}})
