-- Units of every KPI, kept: what the files in sql/units/ derive from all events up to some offsets, by the default definitions.
-- A generation is all of it together and is only read once its row is in kept_generations. Reading it costs a flat query over few
-- columns; deriving the units at each question costs the planning of nested views and a look at every event.
CREATE TABLE IF NOT EXISTS {{database}}.kept_generations
(
    `generation` UUID,
    -- Exclusive last offset by 'topic:partition' of the events it was derived from.
    `offset_bound` Map(String, Int64),
    -- JSON of the definitions that its units depend on.
    `definitions` String,
    `kept_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY `kept_at`;

CREATE TABLE IF NOT EXISTS {{database}}.kept_support_ticket_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `account_id` String,
    `kind` LowCardinality(String),
    `from_at` Int64,
    `to_at` Int64,
    `trained` LowCardinality(String),
    `tenure` LowCardinality(String),
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `account_id`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_customer_churn_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `plan` LowCardinality(String),
    `from_at` Int64,
    `to_at` Int64,
    `other_from` Int64,
    `other_to` Int64,
    `currency_code` LowCardinality(String),
    `mrr` Int64
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `kind`, `from_at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_csat_score
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `at` Int64,
    `next_at` Int64,
    `survey` LowCardinality(String),
    `context_name` LowCardinality(String),
    `plan` LowCardinality(String),
    `is_satisfied` Bool
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_sales_growth_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `account_id` String,
    `at` Int64,
    `next_at` Int64,
    `currency_code` LowCardinality(String),
    `amount` Int64,
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `account_id`, `at`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_course_completion_rate
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `course` LowCardinality(String),
    `known_from` Int64,
    `known_to` Int64,
    `entry` Int64,
    `completed_at` Int64,
    `is_withdrawn` Bool,
    `plan` LowCardinality(String),
    `is_customer` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `entry`);

CREATE TABLE IF NOT EXISTS {{database}}.kept_fx_factors
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `currency` LowCardinality(String),
    `factors` Array(Tuple(Date32, Int256, Int256))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `currency`);

-- From which as-of time on the events of some offsets change values: a value at t with t <= changed_from is the same without
-- them. Most events change what is later than themselves. Some change all of history (KPI_SPEC 7.7.1): retractions, invalidated
-- tickets, and an account found to be internal; also another version of an event, because the first may lie earlier. A
-- rate changes what is later than the start of its day.
-- One row per thousand offsets, and minima and maxima only, so that an insert that is repeated changes nothing.
CREATE TABLE IF NOT EXISTS {{database}}.event_changes
(
    `tenant_id` LowCardinality(String),
    -- Empty of a retraction: it may take back an event of any type.
    `event_type` LowCardinality(String),
    `_topic` LowCardinality(String),
    `_partition` UInt32,
    `offset_thousand` Int64,
    `last_offset` SimpleAggregateFunction(max, Int64),
    `changed_from` SimpleAggregateFunction(min, Int64)
)
ENGINE = AggregatingMergeTree
ORDER BY (`tenant_id`, `event_type`, `_topic`, `_partition`, `offset_thousand`);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_inserts TO {{database}}.event_changes AS
SELECT
    tenant_id,
    if(retracts IS NULL, events.event_type, '') AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    min(multiIf(
        retracts IS NOT NULL OR source_version != 0, toInt64(-9000000000000000),
        events.event_type = 'support.ticket_invalidated', toInt64(-9000000000000000),
        events.event_type = 'account.created' AND ifNull(is_internal, false), toInt64(-9000000000000000),
        events.event_type = 'fx.rate_published',
        ifNull(toInt64(toDate32OrNull(date)) * 86400000, toInt64(-9000000000000000)),
        toUnixTimestamp64Milli(occurred_at))) AS changed_from
FROM {{database}}.events
WHERE retracts IS NOT NULL OR event_type IN (
    'account.created', 'billing.dispute_lost', 'billing.invoice_paid', 'billing.refund_issued', 'billing.subscription_ended',
    'billing.subscription_started', 'billing.subscription_updated', 'fx.rate_published', 'lms.assessment_submitted',
    'lms.course_completed', 'lms.course_enrolled', 'lms.course_started', 'lms.course_unenrolled', 'lms.lesson_completed',
    'support.ticket_created', 'support.ticket_invalidated', 'survey.response_submitted')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand;
