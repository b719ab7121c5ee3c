-- Accounts or users that were ever said to be merged with some of these.
--   tenant, kind (user or account), ids
SELECT DISTINCT arrayJoin([subject, into]) AS id
FROM {{database}}.merge_records
WHERE tenant_id = {tenant:String} AND kind = {kind:String}
    AND (subject IN {ids:Array(String)} OR into IN {ids:Array(String)})
