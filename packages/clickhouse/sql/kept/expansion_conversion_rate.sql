SELECT onboarded_at, pieces, expansions
FROM {{database}}.kept_expansion_conversion_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
