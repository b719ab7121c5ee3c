-- How long the lock has been held, by the server's clock; no row when it is free.
SELECT toInt32(dateDiff('second', metadata_modification_time, now())) AS age_seconds
FROM system.tables
WHERE database = '{{database}}' AND name = 'migration_lock'
