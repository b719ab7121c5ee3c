INSERT INTO {{database}}.kept_sales_growth_rate (generation, tenant_id, account_id, at, next_at, currency_code, amount, plan)
SELECT {generation:UUID}, tenant_id, account_id, at, next_at, currency_code, amount, plan
FROM ({{units:sales_growth_rate}})
