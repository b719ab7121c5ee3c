-- Tables of kept units that name accounts.
SELECT table
FROM system.columns
WHERE database = '{{database}}' AND startsWith(table, 'kept_') AND name = 'account_id'
ORDER BY table
