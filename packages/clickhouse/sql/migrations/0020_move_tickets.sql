-- A ticket that is moved to another account counts there from then on, and no longer where it was (KPI_SPEC 7.2).

-- Tickets that were moved, each with all that moved it, in order: (at, event_id, from, to). Accounts are named by their roots, as in
-- effective_events; `to` is empty where the ticket is nobody's from then on. Whose it was is what the update says or, where it says
-- nothing, its own account, if that is another one; where that is not known either, it moves nothing.
--   tenants (empty means all), offset_bound
CREATE VIEW IF NOT EXISTS {{database}}.moved_tickets AS
WITH
(
    SELECT (accounts.2, accounts.3)
    FROM {{database}}.merged_subjects(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
) AS merged,
moves AS
(
    SELECT
        tenant_id,
        source,
        assumeNotNull(ticket_id) AS ticket,
        toUnixTimestamp64Milli(occurred_at) AS at,
        event_id,
        field = 'requester_user_id' AS is_of_users,
        multiIf(
            ifNull(into_account_id, '') != '', assumeNotNull(into_account_id),
            is_of_users, '',
            ifNull(`to`, '')) AS to_account,
        multiIf(
            ifNull(from_account_id, '') != '', assumeNotNull(from_account_id),
            is_of_users, '',
            ifNull(`from`, '') != '', assumeNotNull(`from`),
            account_id = to_account, '',
            account_id) AS from_account
    FROM {{database}}.events
    WHERE NOT is_retraction
        AND event_type = 'support.ticket_updated'
        AND field IN ('account_id', 'organization_id', 'requester_user_id')
        AND from_account != ''
        AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
        AND (empty({offset_bound:Map(String, Int64)})
            OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
        AND (_topic, _partition, _offset) NOT IN (
            SELECT _topic, _partition, _offset
            FROM {{database}}.superseded_rows(
                tenants = {tenants:Array(String)},
                types = ['support.ticket_updated'],
                offset_bound = {offset_bound:Map(String, Int64)}))
        AND (tenant_id, source, event_id) NOT IN (
            SELECT tenant_id, source, event_id
            FROM {{database}}.retracted_events(
                tenants = {tenants:Array(String)},
                offset_bound = {offset_bound:Map(String, Int64)}))
)
SELECT
    tenant_id,
    source,
    ticket AS ticket_id,
    arraySort(groupArray((
        at,
        event_id,
        if(empty(merged.1), from_account,
            transform(concat(tenant_id, '\x1F', from_account), merged.1, merged.2, from_account)),
        if(empty(merged.1) OR to_account = '', to_account,
            transform(concat(tenant_id, '\x1F', to_account), merged.1, merged.2, to_account))))) AS moves
FROM moves
GROUP BY tenant_id, source, ticket_id;

-- Tickets as known to t with since < t <= until: opened at `at`, and of the account then. A creation that is sent again replaces the earlier one from its own instant on. A move that begins with an
-- account which has not had the ticket moves nothing, and what names no account is its user's wherever that is. The account is empty of
-- a ticket of nobody known. Those count that customers opened and nobody invalidated. Times are ms; 253402300800000 (the year 10000) stands for "not".
--   tenants (empty means all), offset_bound
CREATE VIEW IF NOT EXISTS {{database}}.ticket_lives AS
WITH
created AS
(
    SELECT
        tenant_id,
        source,
        assumeNotNull(ticket_id) AS ticket,
        account_id,
        event_type,
        at,
        is_customer_initiated AND ifNull(is_support, true) AS is_request,
        ifNull(incident_id, '') != '' AS is_of_incident,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, ticket_id, event_type ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        countIf(event_type = 'support.ticket_invalidated') OVER (PARTITION BY tenant_id, source, ticket_id) > 0 AS is_invalid,
        _topic,
        _partition,
        _offset
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['support.ticket_created', 'support.ticket_invalidated'],
        offset_bound = {offset_bound:Map(String, Int64)})
),
-- Each life as stretches, of which each begins with the account that has the ticket from then on.
lives AS
(
    SELECT
        created.tenant_id AS tenant_id,
        created.source AS source,
        created.ticket AS ticket_id,
        created.at AS at,
        created.next_at AS next_at,
        created.is_request AND NOT created.is_invalid AS is_counted,
        created.is_of_incident AS is_of_incident,
        -- (accounts that have had it, (since, account) of each stretch)
        arrayFold(
            (had, move) -> if(
                has(had.1, move.3),
                (arrayPushBack(had.1, move.4), arrayPushBack(had.2, (greatest(move.1, created.at), move.4))),
                had),
            if((created._topic, created._partition, created._offset) IN (
                    SELECT _topic, _partition, _offset
                    FROM {{database}}.events
                    WHERE event_type = 'support.ticket_created'
                        AND account_id = ''
                        AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})),
                [],
                moved.moves),
            ([toString(created.account_id)], [(created.at, toString(created.account_id))])).2 AS holders
    FROM created
    LEFT JOIN
    (
        SELECT tenant_id, source, ticket_id, moves
        FROM {{database}}.moved_tickets(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)})
    ) AS moved
        ON created.tenant_id = moved.tenant_id AND created.source = moved.source AND created.ticket = moved.ticket_id
    WHERE created.event_type = 'support.ticket_created'
)
SELECT
    tenant_id,
    source,
    ticket_id,
    holder.2 AS account_id,
    at,
    holder.1 AS since,
    least(next_at, if(place < length(holders), holders[place + 1].1, next_at)) AS until,
    is_counted,
    is_of_incident
FROM lives
ARRAY JOIN holders AS holder, arrayEnumerate(holders) AS place
-- Of one that was taken from its account and given to none nothing is told.
WHERE since < until AND (place = 1 OR holder.2 != '');

-- From which as-of time on moves change values.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.event_changes_of_moved_tickets TO {{database}}.event_changes AS
{{part:changes_of_moved_tickets}};

INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
{{part:changes_of_moved_tickets}};

-- From when on each ticket is known to be the account's; of a ticket that was not moved from its creation on.
ALTER TABLE {{database}}.kept_exposures
    ADD COLUMN IF NOT EXISTS `tickets_since` Array(Int64) DEFAULT arrayMap(ticket -> ticket.1, tickets);

-- View for consumers (contract): person-time and tickets per account, UTC day, training, tenure and plan, until now, by the default
-- definitions, each ticket of the account that has it now. Sums over it are those of STATISTICS 1 for questions about whole days.
CREATE OR REPLACE VIEW {{database}}.cohort_exposure_daily AS
WITH
tickets AS
(
    SELECT tenant_id, account_id, groupArray((at, is_of_incident)) AS asked
    FROM {{database}}.ticket_lives(tenants = [], offset_bound = map())
    WHERE is_counted AND until = 253402300800000
    GROUP BY tenant_id, account_id
),
{{part:days_of_exposure}};

-- View for consumers (contract): one row per ticket, as of its last creation, of the account that has it now.
CREATE OR REPLACE VIEW {{database}}.tickets AS
WITH {{part:created_tickets}},
holders AS
(
    SELECT tenant_id, source, ticket_id, account_id
    FROM {{database}}.ticket_lives(tenants = [], offset_bound = map())
    WHERE until = 253402300800000
)
SELECT
    created.tenant_id AS tenant_id,
    created.source AS source,
    assumeNotNull(created.ticket_id) AS ticket_id,
    occurred_at AS created_at,
    if(holders.account_id = '', NULL, holders.account_id) AS account_id,
    requester_user_id,
    channel,
    priority,
    category,
    incident_id,
    ifNull(is_customer_initiated, false) AS is_customer_initiated,
    ifNull(is_support, true) AS is_support,
    toBool(is_invalid) AS is_invalidated
FROM created
LEFT JOIN holders
    ON created.tenant_id = holders.tenant_id AND created.source = holders.source AND created.ticket_id = holders.ticket_id
WHERE event_type = 'support.ticket_created' AND place = 1;
