SELECT account_id, at, next_at, currency_code, amount, plan
FROM {{database}}.kept_sales_growth_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
