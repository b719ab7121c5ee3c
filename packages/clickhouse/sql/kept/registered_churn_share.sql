SELECT plan, kind, from_at, to_at, dormant_at, next_from, was_active
FROM {{database}}.kept_registered_churn_share
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
