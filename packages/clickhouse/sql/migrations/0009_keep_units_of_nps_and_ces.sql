-- Units of nps_score and customer_effort_score, kept as those of the KPIs in 0008.
CREATE TABLE IF NOT EXISTS {{database}}.kept_nps_score
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
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

CREATE TABLE IF NOT EXISTS {{database}}.kept_customer_effort_score
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `at` Int64,
    `next_at` Int64,
    `survey` LowCardinality(String),
    `context_name` LowCardinality(String),
    `plan` LowCardinality(String),
    `scale` LowCardinality(String),
    -- From 1, the low end of the scale.
    `place` Int64,
    `is_easy` Bool
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `at`);
