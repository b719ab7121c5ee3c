-- Units of nps_score.account, kept as those in 0008. They are made of the events of nps_score.
CREATE TABLE IF NOT EXISTS {{database}}.kept_nps_accounts
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `account_id` String,
    `at` Int64,
    `next_at` Int64,
    `survey` LowCardinality(String),
    `context_name` LowCardinality(String),
    `plan` LowCardinality(String),
    -- 1 promotes, -1 detracts, 0 is passive.
    `class` Int8
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `at`);
