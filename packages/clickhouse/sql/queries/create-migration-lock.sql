-- Fails with TABLE_ALREADY_EXISTS while another process migrates.
CREATE TABLE {{database}}.migration_lock (held Bool) ENGINE = MergeTree ORDER BY held
