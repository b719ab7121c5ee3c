-- What names a user and no account is of the account to which the user belonged when it happened, whenever that becomes known (KPI_SPEC
-- 7.1.5). With the first such event that is inserted effective_events becomes another view (queries/place-events.sql).

-- Who joins an account or leaves it. A narrow table, because every question looks at it.
CREATE TABLE IF NOT EXISTS {{database}}.membership_records
(
    `tenant_id` LowCardinality(String),
    `source` LowCardinality(String),
    `event_id` String,
    `source_version` Int64,
    `received_at` DateTime64(3, 'UTC'),
    -- occurred_at, ms
    `at` Int64,
    `is_join` Bool,
    `user_id` String,
    `account_id` String,
    `_topic` LowCardinality(String),
    `_partition` UInt32,
    `_offset` Int64
)
ENGINE = MergeTree
ORDER BY (`tenant_id`, `user_id`, `at`);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.membership_records_of_inserts TO {{database}}.membership_records AS
{{part:membership_records}};

INSERT INTO {{database}}.membership_records
{{part:membership_records}};

-- Users of whom some event names no account.
CREATE TABLE IF NOT EXISTS {{database}}.unplaced_users
(
    `tenant_id` LowCardinality(String),
    `user_id` String
)
ENGINE = ReplacingMergeTree
ORDER BY (`tenant_id`, `user_id`);

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.unplaced_users_of_inserts TO {{database}}.unplaced_users AS
{{part:unplaced_users}};

INSERT INTO {{database}}.unplaced_users
{{part:unplaced_users}};

-- One row: who was merged, as in merged_subjects, and of users with events that name no account where they belonged: as `tenant␟id` and,
-- beside each, one text of their changes: each the instant from which on it holds (15 digits) and the account, or none, then U+001E.
-- A join holds until the next one, or until the same account is left; at one instant leaves come before joins. All of it in arrays,
-- as in merged_subjects.
--   tenants, offset_bound
CREATE VIEW IF NOT EXISTS {{database}}.merged_and_placed_subjects AS
WITH
stated AS
(
    SELECT
        tenant_id,
        source,
        event_id,
        argMax((at, is_join, user_id, account_id), (source_version, received_at, _topic, _partition, _offset)) AS change
    FROM {{database}}.membership_records
    WHERE (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
        AND (empty({offset_bound:Map(String, Int64)})
            OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
    GROUP BY tenant_id, source, event_id
),
listed AS
(
    SELECT groupArray((concat(tenant_id, '\x1F', change.3), change.1, change.2, event_id, source, concat(tenant_id, '\x1F', change.4)))
        AS said
    FROM stated
    WHERE change.3 != '' AND change.4 != ''
        AND (tenant_id, source, event_id) NOT IN (
            SELECT tenant_id, source, event_id
            FROM {{database}}.retracted_events(
                tenants = {tenants:Array(String)},
                offset_bound = {offset_bound:Map(String, Int64)}))
        AND ((tenant_id, change.3) IN (SELECT tenant_id, user_id FROM {{database}}.unplaced_users)
            OR (tenant_id, change.3) IN (
                SELECT tenant_id, arrayJoin([subject, into])
                FROM {{database}}.merge_records
                WHERE kind = 'user'))
),
-- In the order of the roots of users, and of time.
rooted AS
(
    SELECT
        accounts,
        users,
        arraySort(arrayMap(
            change -> (
                if(has(users.2, change.1), concat(splitByChar('\x1F', change.1)[1], '\x1F', users.3[indexOf(users.2, change.1)]), change.1),
                change.2,
                change.3,
                change.4,
                change.5,
                if(has(accounts.2, change.6), accounts.3[indexOf(accounts.2, change.6)], splitByChar('\x1F', change.6)[2])),
            said)) AS changes
    FROM {{database}}.merged_subjects(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
    CROSS JOIN listed
),
-- One list for each user.
parted AS
(
    SELECT
        accounts,
        users,
        arraySplit(
            (change, place) -> place > 1 AND changes.1[place - 1] != change.1,
            changes,
            arrayEnumerate(changes)) AS parts
    FROM rooted
)
SELECT
    accounts,
    users,
    arrayMap(part -> part.1[1], parts) AS stay_users,
    arrayMap(
        part -> arrayStringConcat(arrayMap(
            (change, place) -> concat(leftPad(toString(change.2), 15, '0'), place, '\x1E'),
            part,
            arrayPopFront(arrayFold(
                (places, change) -> arrayPushBack(
                    places,
                    multiIf(change.3, change.6, change.6 = places[-1], '', places[-1])),
                part,
                [''])))),
        parts) AS stay_texts
FROM parted
