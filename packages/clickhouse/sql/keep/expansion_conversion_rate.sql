INSERT INTO {{database}}.kept_expansion_conversion_rate (generation, tenant_id, onboarded_at, pieces, expansions)
SELECT {generation:UUID}, tenant_id, onboarded_at, pieces, expansions
FROM ({{units:expansion_conversion_rate}})
