SELECT 1 AS found FROM {{database}}.unplaced_users LIMIT 1
