INSERT INTO {{database}}.kept_margins (generation, tenant_id, margins)
SELECT {generation:UUID}, tenant_id, margins
FROM ({{units:margins}})
