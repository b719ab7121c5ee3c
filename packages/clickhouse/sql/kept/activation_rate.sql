SELECT created_at, is_imported, activated_at, plan
FROM {{database}}.kept_activation_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
