-- What comparisons of trained and untrained time read, kept like the units of KPIs (columns: units/exposures.sql).
CREATE TABLE IF NOT EXISTS {{database}}.kept_exposures
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `account_id` String,
    `periods` Array(Tuple(Int64, Int64)),
    `plans` Array(Tuple(Int64, String)),
    `completions` Array(Tuple(Int64, UInt32, String)),
    `seats` Array(Tuple(Int64, Int64, Int64)),
    `tickets` Array(Tuple(Int64, Int64, Bool))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `account_id`);

-- View for consumers (contract): person-time and tickets per account, UTC day, training, tenure and plan, until now, by the default
-- definitions. Sums over it are those of STATISTICS 1 for questions about whole days.
CREATE VIEW IF NOT EXISTS {{database}}.cohort_exposure_daily AS
WITH
created AS
(
    SELECT
        tenant_id,
        account_id,
        event_type,
        at,
        is_customer_initiated AND ifNull(is_support, true) AS is_request,
        ifNull(incident_id, '') != '' AS is_of_incident,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, ticket_id, event_type ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        countIf(event_type = 'support.ticket_invalidated') OVER (PARTITION BY tenant_id, source, ticket_id) > 0 AS is_invalid
    FROM {{database}}.effective_events(
        tenants = [], types = ['support.ticket_created', 'support.ticket_invalidated'], offset_bound = map())
),
tickets AS
(
    SELECT tenant_id, account_id, groupArray((at, is_of_incident)) AS asked
    FROM created
    WHERE event_type = 'support.ticket_created' AND is_request AND NOT is_invalid AND next_at = 253402300800000
    GROUP BY tenant_id, account_id
),
{{part:days_of_exposure}};
