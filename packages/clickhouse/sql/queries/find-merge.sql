SELECT kind FROM {{database}}.merge_records WHERE kind != '' LIMIT 1
