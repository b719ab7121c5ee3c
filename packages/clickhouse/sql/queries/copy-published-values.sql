-- Published values of another database of this server; {{from}} is its name, which the configuration has checked.
INSERT INTO {{database}}.published_values
(
    `tenant_id`, `kpi_id`, `window_ms`, `dimension`, `dimension_value`, `window_to`, `revision`,
    `definition_version`, `window`, `window_from`, `as_of`, `watermark`, `dimensions`, `value`, `unit`, `currency`,
    `numerator`, `denominator`, `n`, `ci_low`, `ci_high`, `ci_level`, `ci_method`, `status`, `notes`, `immature_n`,
    `excluded`, `computed_at`, `_topic`, `_partition`, `_offset`
)
SELECT
    `tenant_id`, `kpi_id`, `window_ms`, `dimension`, `dimension_value`, `window_to`, `revision`,
    `definition_version`, `window`, `window_from`, `as_of`, `watermark`, `dimensions`, `value`, `unit`, `currency`,
    `numerator`, `denominator`, `n`, `ci_low`, `ci_high`, `ci_level`, `ci_method`, `status`, `notes`, `immature_n`,
    `excluded`, `computed_at`, `_topic`, `_partition`, `_offset`
FROM {{from}}.published_values
