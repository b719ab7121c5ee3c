-- Accounts and users that were merged, each as (kind, tenant␟id, id at the end of its merges).
--   tenants       Array(String)  the one tenant
--   offset_bound  empty, as in all views
SELECT accounts, users
FROM {{database}}.merged_subjects(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)})
