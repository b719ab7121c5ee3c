SELECT at, next_at, survey, context_name, plan, class
FROM {{database}}.kept_nps_score
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
