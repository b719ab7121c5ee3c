SELECT currency, factors
FROM {{database}}.kept_fx_factors
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
