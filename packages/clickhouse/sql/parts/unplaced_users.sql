-- What becomes a row of unplaced_users. Part of a migration: never edited.
SELECT DISTINCT tenant_id, user_id
FROM {{database}}.events
WHERE account_id = '' AND user_id != ''
