-- Units of more KPIs, kept as those in 0008.
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

CREATE TABLE IF NOT EXISTS {{database}}.kept_referral_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `plan` LowCardinality(String),
    `from_at` Int64,
    `to_at` Int64,
    `onboarded_at` Int64,
    -- Of 'member' the beginning and the end of time.
    `kind` LowCardinality(String),
    `referred_at` Int64,
    `next_referred_at` Int64
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_registered_churn_share
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `plan` LowCardinality(String),
    `kind` LowCardinality(String),
    `from_at` Int64,
    `to_at` Int64,
    `dormant_at` Int64,
    `next_from` Int64,
    `was_active` Bool
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_adoption_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `onboarded_at` Int64,
    `pieces` Array(Tuple(Int64, Int64, String)),
    `plan` LowCardinality(String),
    `active_days` Array(Tuple(Int64, Int64, Int64))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `onboarded_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_activation_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `created_at` Int64,
    `is_imported` Bool,
    `activated_at` Int64,
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `created_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_clv_formula
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `plan` LowCardinality(String),
    `stretch_from` Int64,
    `stretch_to` Int64,
    `from_at` Int64,
    `to_at` Int64,
    `next_from` Int64,
    `currency_code` LowCardinality(String),
    `amount` Int64,
    `purchases` Int64
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_margins
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    -- (valid from, parts of 1e10)
    `margins` Array(Tuple(Int64, Int64))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_customer_acquisition_cost
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `plan` LowCardinality(String),
    `channel` LowCardinality(String),
    `since_at` Int64,
    `from_at` Int64,
    `to_at` Int64,
    `currency_code` LowCardinality(String),
    `amount` Int64
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_expansion_conversion_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `onboarded_at` Int64,
    `pieces` Array(Tuple(Int64, Int64, String)),
    `expansions` Array(Tuple(String, Int64, Array(Tuple(Int64, Int64)), Array(Tuple(Int64, Int64, Int64))))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `onboarded_at`);

-- Changes are noted of the events that these KPIs are made of too, also of those that were inserted before.
DROP VIEW IF EXISTS {{database}}.event_changes_of_inserts;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_inserts TO {{database}}.event_changes AS
{{part:changes_of_events}};

INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
{{part:changes_of_events}};
