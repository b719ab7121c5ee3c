-- Accounts and users that were merged, as tenant␟id, and beside each the id at the end of its merges; and where users of events that
-- name no account belonged.
--   tenants       Array(String)  the one tenant
--   offset_bound  empty, as in all views
SELECT
    accounts.2 AS merged_accounts,
    accounts.3 AS into_accounts,
    users.2 AS merged_users,
    users.3 AS into_users,
    stay_users,
    stay_texts
FROM {{database}}.merged_and_placed_subjects(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)})
