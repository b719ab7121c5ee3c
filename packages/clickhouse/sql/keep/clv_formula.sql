INSERT INTO {{database}}.kept_clv_formula (generation, tenant_id, kind, plan, stretch_from, stretch_to, from_at, to_at, next_from, currency_code, amount, purchases)
SELECT {generation:UUID}, tenant_id, kind, plan, stretch_from, stretch_to, from_at, to_at, next_from, currency_code, amount, purchases
FROM ({{units:clv_formula}})
