SELECT * EXCEPT (generation)
FROM {{database}}.kept_{{unit}}
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
