-- Migrations that were applied, with what they were.
CREATE TABLE IF NOT EXISTS {{database}}.migrations
(
    version UInt32,
    name String,
    checksum String,
    applied_at DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY version
