-- An account is trained from the first instant at which a member has a qualifying completion, also one made elsewhere or before joining
-- (KPI_SPEC 7.4 on 2.10).

-- Completions that users bring along to the accounts that they belong to: per account, user and course the first instant at which the
-- user belongs to the account and has completed the course anywhere. A join holds until the next one, or until the same account is
-- left; at one instant leaves come before joins.
--   tenants (empty means all), offset_bound
CREATE VIEW IF NOT EXISTS {{database}}.member_completions AS
WITH
told AS
(
    SELECT
        tenant_id,
        user_id,
        arraySort(groupArrayIf(
            (at, event_type = 'user.joined_account', event_id, source, account_id),
            event_type != 'lms.course_completed' AND account_id != '')) AS changes,
        groupArrayIf((at, ifNull(course_id, '')), event_type = 'lms.course_completed') AS completions
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['lms.course_completed', 'user.joined_account', 'user.left_account'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE user_id != ''
    GROUP BY tenant_id, user_id
    HAVING notEmpty(changes) AND notEmpty(completions)
),
-- Where the user is from each change to the next one.
placed AS
(
    SELECT
        tenant_id,
        user_id,
        completions,
        arrayZip(
            arrayPopFront(arrayFold(
                (places, change) -> arrayPushBack(
                    places,
                    multiIf(change.2 = 1, change.5, change.5 = places[-1], '', places[-1])),
                changes,
                [''])),
            changes.1,
            arrayPushBack(arrayPopFront(changes.1), toInt64(253402300800000))) AS stays
    FROM told
),
stayed AS
(
    SELECT tenant_id, user_id, completions, stay.1 AS account_id, stay.2 AS stay_from, stay.3 AS stay_to
    FROM placed
    ARRAY JOIN stays AS stay
    WHERE account_id != '' AND stay_from < stay_to
)
SELECT
    tenant_id,
    account_id,
    user_id,
    completion.2 AS course,
    min(greatest(stay_from, completion.1)) AS at
FROM stayed
ARRAY JOIN completions AS completion
WHERE completion.1 < stay_to
GROUP BY tenant_id, account_id, user_id, course;

-- As in 0003, with what members bring along, and with pauses of each subscription: the account stays active for pause_limit after an
-- update to MRR 0 closed one of them, or until that subscription ends or is opened again.
CREATE OR REPLACE VIEW {{database}}.account_histories AS
WITH
source_events AS
(
{{part:events_of_accounts}}
{{part:events_of_members}}
),
{{part:histories_of_events}};

-- account_histories as in 0003, for questions to which it does not matter who is trained: of several views that read events each costs
-- every question its planning.
CREATE VIEW IF NOT EXISTS {{database}}.account_lives AS
WITH
source_events AS
(
{{part:events_of_accounts}}
),
{{part:histories_of_events}};

-- A membership changes values from its own instant on.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_memberships TO {{database}}.event_changes AS
{{part:changes_of_memberships}};

INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
{{part:changes_of_memberships}};
