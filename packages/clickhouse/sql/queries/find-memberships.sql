SELECT 1 AS found FROM {{database}}.membership_records LIMIT 1
