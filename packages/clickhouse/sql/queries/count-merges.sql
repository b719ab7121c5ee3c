SELECT count() AS merges FROM {{database}}.merge_records WHERE kind != ''
