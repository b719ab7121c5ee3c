-- Accounts that were merged are one for all of history, and so are users (KPI_SPEC 1.1, 7.1.1). With the first merge that is inserted
-- effective_events becomes another view (queries/follow-merges.sql), in which events name whom theirs were merged into.

-- What says who was merged, and what takes something back: few of the events, so that every question can look at all of them.
CREATE TABLE IF NOT EXISTS {{database}}.merge_records
(
    `tenant_id` LowCardinality(String),
    `source` LowCardinality(String),
    `event_id` String,
    `source_version` Int64,
    `received_at` DateTime64(3, 'UTC'),
    `occurred_at` DateTime64(3, 'UTC'),
    -- 'account' or 'user'; empty of a retraction.
    `kind` LowCardinality(String),
    -- Who was merged, and into whom.
    `subject` String,
    `into` String,
    -- Event of the same source that is taken back.
    `target` String,
    `_topic` LowCardinality(String),
    `_partition` UInt32,
    `_offset` Int64
)
ENGINE = MergeTree
ORDER BY (`tenant_id`, `source`, `event_id`);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.merge_records_of_inserts TO {{database}}.merge_records AS
{{part:merge_records}};

INSERT INTO {{database}}.merge_records
{{part:merge_records}};

-- One row, with all who were merged as `tenant␟id` and, beside each, the id where its chain of merges ends. One was merged into whom the
-- last merge of it names. A circle of merges says nothing: those on it stay what they are, and a chain that leads to it ends where it
-- enters. Chains are followed for twelve merges, retractions of retractions as in retracted_events. All of it is done in arrays:
-- this stands in every question, and to plan joins costs more than to look through a few merges.
--   tenants, offset_bound
CREATE VIEW IF NOT EXISTS {{database}}.merged_subjects AS
WITH
statements AS
(
    SELECT
        concat(tenant_id, '\x1F', source, '\x1F', event_id) AS key,
        argMax(
            (
                kind,
                concat(kind, '\x1F', tenant_id, '\x1F', subject),
                concat(kind, '\x1F', tenant_id, '\x1F', into),
                concat(tenant_id, '\x1F', source, '\x1F', target),
                (occurred_at, event_id, source)
            ),
            (source_version, received_at, _topic, _partition, _offset)) AS stated
    FROM {{database}}.merge_records
    WHERE (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
        AND (empty({offset_bound:Map(String, Int64)})
            OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
    GROUP BY key
),
listed AS
(
    SELECT
        groupArrayIf((key, stated.2, stated.3, stated.5), stated.1 != '') AS said,
        groupArrayIf((key, stated.4), stated.1 = '') AS retractions
    FROM statements
),
-- Retractions of merges, of those, and so on.
one AS (SELECT said, retractions, arrayFilter(taking -> has(said.1, taking.2), retractions) AS first FROM listed),
two AS (SELECT said, retractions, first, arrayFilter(taking -> has(first.1, taking.2), retractions) AS second FROM one),
three AS (
    SELECT said, retractions, first, second, arrayFilter(taking -> has(second.1, taking.2), retractions) AS third
    FROM two),
four AS (
    SELECT
        said,
        first,
        second,
        arrayFilter(
            taking -> NOT has(arrayFilter(last -> has(third.1, last.2), retractions).2, taking.1),
            third) AS in_force
    FROM three),
five AS (SELECT said, first, arrayFilter(taking -> NOT has(in_force.2, taking.1), second) AS in_force FROM four),
six AS (SELECT said, arrayFilter(taking -> NOT has(in_force.2, taking.1), first) AS in_force FROM five),
merges AS
(
    SELECT arraySort(
        merge -> (merge.2, merge.4),
        arrayFilter(merge -> NOT has(in_force.2, merge.1), said)) AS merges
    FROM six
),
-- The last merge of each.
last_merges AS
(
    SELECT arrayFilter(
        (merge, place) -> place = length(merges) OR merges[place + 1].2 != merge.2,
        merges,
        arrayEnumerate(merges)) AS merges
    FROM merges
),
-- Steps of chains: whom others were merged into and who were merged themselves. Usually there are none.
stepped AS
(
    SELECT merges, arrayFilter(merge -> has(arrayIntersect(merges.2, merges.3), merge.2), merges) AS steps
    FROM last_merges
),
circled AS
(
    SELECT
        merges,
        steps,
        arrayFold(
            (ends, round) -> arrayMap(id -> if(has(steps.2, id), steps.3[indexOf(steps.2, id)], id), ends),
            range(if(empty(steps), 0, 11)),
            merges.3) AS twelfth
    FROM stepped
),
opened AS
(
    SELECT
        merges,
        arrayMap((merge, end) -> if(end = merge.2, merge.2, merge.3), merges, twelfth) AS parents,
        arrayFilter(step -> twelfth[indexOf(merges.2, step.2)] != step.2, steps) AS steps
    FROM circled
),
rooted AS
(
    SELECT
        merges,
        arrayFold(
            (ends, round) -> arrayMap(id -> if(has(steps.2, id), steps.3[indexOf(steps.2, id)], id), ends),
            range(if(empty(steps), 0, 11)),
            parents) AS roots
    FROM opened
),
named AS
(
    SELECT arrayMap(
        (merge, root) -> (
            splitByChar('\x1F', merge.2)[1],
            concat(splitByChar('\x1F', merge.2)[2], '\x1F', splitByChar('\x1F', merge.2)[3]),
            splitByChar('\x1F', root)[3]
        ),
        merges,
        roots) AS merged
    FROM rooted
)
SELECT
    arrayFilter(one -> one.1 = 'account', merged) AS accounts,
    arrayFilter(one -> one.1 = 'user', merged) AS users
FROM named;

-- A merge changes all of history.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_merges TO {{database}}.event_changes AS
SELECT
    tenant_id,
    events.event_type AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    toInt64(-9000000000000000) AS changed_from
FROM {{database}}.events
WHERE retracts IS NULL AND event_type IN ('account.merged', 'user.merged')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand;

INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
SELECT
    tenant_id,
    events.event_type AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    toInt64(-9000000000000000) AS changed_from
FROM {{database}}.events
WHERE retracts IS NULL AND event_type IN ('account.merged', 'user.merged')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand;
