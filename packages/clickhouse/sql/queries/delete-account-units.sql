-- Remove kept units of an account from one table.
--   table, tenant, id
ALTER TABLE {{database}}.{table:Identifier} DELETE
WHERE tenant_id = {tenant:String} AND account_id = {id:String}
