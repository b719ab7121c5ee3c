-- How effective_events is made now.
SELECT create_table_query AS text
FROM system.tables
WHERE database = '{{database}}' AND name = 'effective_events'
