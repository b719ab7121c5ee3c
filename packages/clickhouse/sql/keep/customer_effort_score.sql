INSERT INTO {{database}}.kept_customer_effort_score (generation, tenant_id, at, next_at, survey, context_name, plan, scale, place, is_easy)
SELECT {generation:UUID}, tenant_id, at, next_at, survey, context_name, plan, scale, place, is_easy
FROM ({{units:customer_effort_score}})
