INSERT INTO {{database}}.kept_customer_churn_rate (generation, tenant_id, kind, plan, from_at, to_at, other_from, other_to, currency_code, mrr)
SELECT {generation:UUID}, tenant_id, kind, plan, from_at, to_at, other_from, other_to, currency_code, mrr
FROM ({{units:customer_churn_rate}})
