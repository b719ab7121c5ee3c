-- Erasures whose rows are gone from events, without a word of whom they were: one row each, or several after an interruption.
-- Units that were derived while fewer erasures were carried out are not read any more.
CREATE TABLE IF NOT EXISTS {{database}}.erasures
(
    `id` String,
    `tenant_id` LowCardinality(String),
    `subject_kind` LowCardinality(String),
    -- Salted; the salt is in Redis.
    `subject_hash` String,
    `requested_at` DateTime64(3, 'UTC'),
    `events` UInt64
)
ENGINE = MergeTree
ORDER BY (`tenant_id`, `id`);

ALTER TABLE {{database}}.kept_generations ADD COLUMN IF NOT EXISTS `erasures` UInt64;
