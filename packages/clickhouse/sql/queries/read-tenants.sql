-- Every tenant that has an event.
SELECT DISTINCT tenant_id
FROM {{database}}.events
ORDER BY tenant_id
