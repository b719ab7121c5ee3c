SELECT at, next_at, survey, context_name, plan, scale, place, is_easy
FROM {{database}}.kept_customer_effort_score
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
