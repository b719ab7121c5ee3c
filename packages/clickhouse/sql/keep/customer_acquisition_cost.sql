INSERT INTO {{database}}.kept_customer_acquisition_cost (generation, tenant_id, kind, plan, channel, since_at, from_at, to_at, currency_code, amount)
SELECT {generation:UUID}, tenant_id, kind, plan, channel, since_at, from_at, to_at, currency_code, amount
FROM ({{units:customer_acquisition_cost}})
