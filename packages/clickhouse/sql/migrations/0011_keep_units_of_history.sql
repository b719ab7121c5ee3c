-- Units of the KPIs that are answered from history alone, kept as those in 0008.
CREATE TABLE IF NOT EXISTS {{database}}.kept_clv_observed
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `plan` LowCardinality(String),
    -- Month in which the account became a customer: 2026-01.
    `cohort` LowCardinality(String),
    `since_at` Int64,
    `from_at` Int64,
    `to_at` Int64,
    `currency_code` LowCardinality(String),
    `amount` Int64
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_time_to_first_value
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `origin` Int64,
    `reached_at` Int64,
    `lost_at` Int64,
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `origin`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_time_to_proficiency
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `origin` Int64,
    `reached_at` Int64,
    `lost_at` Int64,
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `origin`);

-- Changes are noted of the events that these KPIs are made of too, also of those that were inserted before.
DROP VIEW IF EXISTS {{database}}.event_changes_of_inserts;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_inserts TO {{database}}.event_changes AS
{{part:changes_of_more_events}};

INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
{{part:changes_of_more_events}};
