-- Accounts with the changes of their plan.
SELECT tenant_id, account_id, is_internal, plans
FROM {{part:settled_accounts}}
