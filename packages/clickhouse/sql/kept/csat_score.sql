SELECT at, next_at, survey, context_name, plan, is_satisfied
FROM {{database}}.kept_csat_score
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
