-- Accounts and users that were merged, as tenant␟id, and beside each the id at the end of its merges.
--   tenants       Array(String)  the one tenant
--   offset_bound  empty, as in all views
SELECT
    accounts.2 AS merged_accounts,
    accounts.3 AS into_accounts,
    users.2 AS merged_users,
    users.3 AS into_users
FROM {{database}}.merged_subjects(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)})
