SELECT account_id, kind, from_at, to_at, trained, tenure, plan
FROM {{database}}.kept_support_ticket_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
