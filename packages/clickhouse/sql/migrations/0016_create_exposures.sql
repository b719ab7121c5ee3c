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
-- One element per piece and day, and one per ticket, without time.
parts AS
(
    SELECT
        histories.tenant_id AS tenant_id,
        histories.account_id AS account_id,
        arrayConcat(
            arrayFlatten(arrayMap(
                piece -> arrayMap(
                    number -> (
                        number,
                        piece.3,
                        piece.4,
                        piece.5,
                        least(piece.2, (number + 1) * 86400000, toUnixTimestamp64Milli(now64(3)))
                            - greatest(piece.1, number * 86400000),
                        toInt64(0),
                        toInt64(0)),
                    range(
                        intDiv(piece.1, 86400000),
                        intDiv(least(piece.2, toUnixTimestamp64Milli(now64(3))) + 86399999, 86400000))),
                histories.pieces)),
            arrayMap(
                ticket -> (
                    intDiv(ticket.1, 86400000),
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).3,
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).4,
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).5,
                    toInt64(0),
                    toInt64(1),
                    toInt64(ticket.2)),
                arrayFilter(
                    ticket -> arrayExists(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces),
                    tickets.asked))) AS parts_of_account
    FROM {{database}}.account_histories(
        tenants = [], offset_bound = map(), pause_limit = 0, training_courses = [],
        tenure_edges = [2419200000, 7257600000, 15724800000, 31449600000]) AS histories
    LEFT JOIN tickets ON histories.tenant_id = tickets.tenant_id AND histories.account_id = tickets.account_id
    WHERE NOT histories.is_internal
)
SELECT
    tenant_id,
    account_id,
    toDate(fromUnixTimestamp64Milli(part.1 * 86400000, 'UTC'), 'UTC') AS day,
    toBool(part.2 = 'true') AS is_trained,
    part.3 AS tenure,
    part.4 AS plan,
    sum(part.5) AS exposure_ms,
    sum(part.6) AS tickets,
    sum(part.7) AS incident_tickets
FROM parts
ARRAY JOIN parts_of_account AS part
GROUP BY tenant_id, account_id, day, is_trained, tenure, plan;
