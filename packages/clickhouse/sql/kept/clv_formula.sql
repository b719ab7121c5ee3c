SELECT kind, plan, stretch_from, stretch_to, from_at, to_at, next_from, currency_code, amount, purchases
FROM {{database}}.kept_clv_formula
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
