SELECT 1 AS found FROM {{database}}.merge_records WHERE kind != '' LIMIT 1
