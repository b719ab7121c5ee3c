SELECT kind, plan, channel, since_at, from_at, to_at, currency_code, amount
FROM {{database}}.kept_customer_acquisition_cost
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
