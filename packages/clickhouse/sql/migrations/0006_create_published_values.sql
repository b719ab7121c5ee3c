-- Values as they were published on kpi.values.v1, and the views kpi_values and kpi_daily over them (contract; every column is
-- described in src/consumer-views.ts). A row is a record: its value never changes, so inserting it again changes nothing, and the
-- highest offset of a partition says where to go on. Hence no partitions by month: one insert is one part, there or not.

CREATE TABLE IF NOT EXISTS {{database}}.published_values
(
    `tenant_id` LowCardinality(String),
    `kpi_id` LowCardinality(String),
    `window_ms` Int64,
    `dimension` LowCardinality(String),
    `dimension_value` String,
    `window_to` DateTime64(3, 'UTC'),
    `revision` UInt32,
    `definition_version` UInt32,
    `window` LowCardinality(String),
    `window_from` DateTime64(3, 'UTC'),
    `as_of` DateTime64(3, 'UTC'),
    `watermark` Nullable(DateTime64(3, 'UTC')),
    `dimensions` Map(String, String),
    `value` Nullable(Float64),
    `unit` LowCardinality(String),
    `currency` LowCardinality(Nullable(String)),
    `numerator` Nullable(Float64),
    `denominator` Nullable(Float64),
    `n` Nullable(Int64),
    `ci_low` Nullable(Float64),
    `ci_high` Nullable(Float64),
    `ci_level` Nullable(Float64),
    `ci_method` LowCardinality(Nullable(String)),
    `status` LowCardinality(String),
    `notes` Array(String),
    `immature_n` Int64,
    `excluded` Map(String, Int64),
    `computed_at` DateTime64(3, 'UTC'),
    `_topic` LowCardinality(String),
    `_partition` UInt32,
    `_offset` Int64
)
ENGINE = ReplacingMergeTree(`_offset`)
ORDER BY (`tenant_id`, `kpi_id`, `window_ms`, `dimension`, `dimension_value`, `window_to`, `revision`)
SETTINGS non_replicated_deduplication_window = 10000;

-- A publisher that dies between two steps publishes a revision again: the later record of it counts.
CREATE VIEW IF NOT EXISTS {{database}}.kpi_values AS
SELECT
    tenant_id,
    kpi_id,
    definition_version,
    `window`,
    window_from,
    window_to,
    as_of,
    watermark,
    dimension,
    dimension_value,
    dimensions,
    value,
    unit,
    currency,
    numerator,
    denominator,
    n,
    ci_low,
    ci_high,
    ci_level,
    ci_method,
    status,
    notes,
    immature_n,
    excluded,
    revision,
    computed_at
FROM {{database}}.published_values FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.kpi_daily AS
SELECT
    tenant_id,
    kpi_id,
    `window`,
    dimension,
    dimension_value,
    day,
    last.1 AS definition_version,
    last.2 AS window_to,
    last.3 AS as_of,
    last.4 AS dimensions,
    last.5 AS value,
    last.6 AS unit,
    last.7 AS currency,
    last.8 AS numerator,
    last.9 AS denominator,
    last.10 AS n,
    last.11 AS ci_low,
    last.12 AS ci_high,
    last.13 AS status,
    last.14 AS revision
FROM
(
    SELECT
        tenant_id,
        kpi_id,
        `window`,
        dimension,
        dimension_value,
        toDate(window_to - toIntervalMillisecond(1)) AS day,
        argMax((definition_version, window_to, as_of, dimensions, value, unit, currency, numerator, denominator, n, ci_low,
            ci_high, status, revision), (published.window_to, published.revision)) AS last
    FROM {{database}}.kpi_values AS published
    GROUP BY tenant_id, kpi_id, `window`, dimension, dimension_value, day
);
