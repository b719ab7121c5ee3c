SELECT kind, plan, from_at, to_at, other_from, other_to, currency_code, mrr
FROM {{database}}.kept_customer_churn_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
