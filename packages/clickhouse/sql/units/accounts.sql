-- Accounts with their lives, which the units of other KPIs are cut by.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
SELECT tenant_id, account_id, is_internal, states, periods, plans, pieces
FROM {{part:lives_of_accounts}}
