-- Forget that some event of a user names no account.
--   tenant, kind (user or account), id
ALTER TABLE {{database}}.unplaced_users DELETE
WHERE tenant_id = {tenant:String} AND {kind:String} = 'user' AND user_id = {id:String}
