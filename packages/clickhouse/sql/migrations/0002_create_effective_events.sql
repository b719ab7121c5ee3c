-- What is true of the records: one row per event, without retractions and what they take back.
--
-- Parameters of all views in this and the next files:
--   tenants       Array(String)       tenants to read; empty means all
--   types         Array(String)       event types to read
--   offset_bound  Map(String, Int64)  exclusive last offset by 'topic:partition', for a look at history as of given
--                                     offsets (a partition that is not named has none); empty means no bound
-- Versions of one event are expected to keep their type and to stay or not to be a retraction (types are filtered first).

-- Keys (tenant_id, source, event_id) that a retraction in force takes back. A retraction may itself be retracted. Chains
-- are followed for RETRACTION_DEPTH_MAX = 4 retractions, innermost query last; what is longer ends as if the fourth had
-- not been retracted.
CREATE VIEW IF NOT EXISTS {{database}}.retracted_events AS
WITH retractions AS
(
    SELECT
        tenant_id,
        source,
        event_id AS retraction,
        argMax(assumeNotNull(retracts), (source_version, received_at, _topic, _partition, _offset)) AS target
    FROM {{database}}.events
    WHERE is_retraction
        AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
        AND (empty({offset_bound:Map(String, Int64)})
            OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
    GROUP BY tenant_id, source, event_id
)
SELECT tenant_id, source, target AS event_id
FROM retractions
WHERE (tenant_id, source, retraction) NOT IN (
    SELECT tenant_id, source, target
    FROM retractions
    WHERE (tenant_id, source, retraction) NOT IN (
        SELECT tenant_id, source, target
        FROM retractions
        WHERE (tenant_id, source, retraction) NOT IN (
            SELECT tenant_id, source, target
            FROM retractions)));

-- Rows that another row of the same event replaces: the higher source_version wins, then the later received_at; the
-- place in Kafka breaks ties, so that every reader picks the same row.
CREATE VIEW IF NOT EXISTS {{database}}.superseded_rows AS
WITH rows_of_types AS
(
    SELECT tenant_id, source, event_id, source_version, received_at, _topic, _partition, _offset
    FROM {{database}}.events
    WHERE (is_retraction OR event_type IN {types:Array(String)})
        AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
        AND (empty({offset_bound:Map(String, Int64)})
            OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
),
ranked AS
(
    SELECT arrayPopBack(arraySort(groupArray((source_version, received_at, _topic, _partition, _offset)))) AS losers
    FROM rows_of_types
    WHERE (tenant_id, source, event_id) IN (
        SELECT tenant_id, source, event_id
        FROM rows_of_types
        GROUP BY tenant_id, source, event_id
        HAVING count() > 1)
    GROUP BY tenant_id, source, event_id
)
SELECT loser.3 AS _topic, loser.4 AS _partition, loser.5 AS _offset
FROM ranked
ARRAY JOIN losers AS loser;

-- One row per event that counts. `at` is occurred_at in ms since the epoch.
CREATE VIEW IF NOT EXISTS {{database}}.effective_events AS
SELECT
    tenant_id, source, event_id, event_type, schema_version, source_event_type, source_version,
    occurred_at, toUnixTimestamp64Milli(occurred_at) AS at, received_at,
    account_id, user_id, anonymous_id, external_ids, pii_class,
    account_name, action, amount_minor, amount_net_minor, assessment_id, attempt, base, cancel_at, category,
    certificate_id, change_reason, channel, context, course_id, course_version, currency, date, direction, domain,
    ended_reason, enrolment_id, expires_at, feature, field, flow_id, `from`, from_account_id, from_user_id, imported,
    incident_id, instance_id, into_account_id, into_user_id, invitee_domain, invitee_hash, invoice_id,
    is_customer_initiated, is_internal, is_support, is_value_event, kind, lesson_id, manual, margin, merged_into,
    mrr_minor, passed, period_end, period_start, plan, plan_id, price_minor, priority, product_id, progress,
    purchase_count, quantity, question_id, quote, rate, reason, referral_id, referred_account_id, requester_user_id,
    role, scale_max, scale_min, score, score_scaled, source_channel, spend_id, step, subject_id, subscription_id,
    success, survey_id, tax_minor, ticket_id, `to`, valid_from, attributes, _topic, _partition, _offset
FROM {{database}}.events
WHERE NOT is_retraction
    AND event_type IN {types:Array(String)}
    AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
    AND (empty({offset_bound:Map(String, Int64)})
        OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
    AND (_topic, _partition, _offset) NOT IN (
        SELECT _topic, _partition, _offset
        FROM {{database}}.superseded_rows(
            tenants = {tenants:Array(String)},
            types = {types:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}))
    AND (tenant_id, source, event_id) NOT IN (
        SELECT tenant_id, source, event_id
        FROM {{database}}.retracted_events(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}));
