INSERT INTO {{database}}.kept_fx_factors (generation, tenant_id, currency, factors)
SELECT {generation:UUID}, tenant_id, currency, factors
FROM ({{units:fx_factors}})
