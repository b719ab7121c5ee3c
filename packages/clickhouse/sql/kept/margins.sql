SELECT margins
FROM {{database}}.kept_margins
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
