-- Whether there are events that name a user and no account, and memberships.
SELECT 1 AS found
FROM (SELECT 1 FROM {{database}}.unplaced_users LIMIT 1) AS unplaced, (SELECT 1 FROM {{database}}.membership_records LIMIT 1) AS memberships
