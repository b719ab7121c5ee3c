SELECT onboarded_at, pieces, plan, active_days
FROM {{database}}.kept_adoption_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
