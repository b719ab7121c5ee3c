-- Accounts as they were kept first of this generation.
(
    SELECT * EXCEPT (generation)
    FROM {{database}}.kept_accounts
    WHERE generation = {generation:UUID} AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
)
