-- Units of support_ticket_rate: pieces of active time, and tickets in the dimensions of the piece they fall into.
--   tenants (empty means all), offset_bound, pause_limit, training_courses, tenure_edges
-- A ticket counts when its account is active at its creation. A creation that is sent again replaces the earlier one from its
-- own instant on (known to t with from_at < t <= to_at); an invalidated ticket never was one. Tickets of inactive accounts and
-- of no account are told apart; they fall into no piece, so all their dimensions are unknown.
WITH
created AS
(
    SELECT
        tenant_id,
        account_id,
        event_type,
        at,
        is_customer_initiated AND ifNull(is_support, true) AS is_request,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, ticket_id, event_type ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        countIf(event_type = 'support.ticket_invalidated') OVER (PARTITION BY tenant_id, source, ticket_id) > 0 AS is_invalid
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['support.ticket_created', 'support.ticket_invalidated'],
        offset_bound = {offset_bound:Map(String, Int64)})
),
tickets AS
(
    SELECT tenant_id, account_id, groupArray((at, next_at)) AS lives
    FROM created
    WHERE event_type = 'support.ticket_created' AND is_request AND NOT is_invalid
    GROUP BY tenant_id, account_id
),
accounts AS
(
    SELECT tenant_id, account_id, is_internal, pieces
    FROM {{database}}.account_histories(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        training_courses = {training_courses:Array(String)},
        tenure_edges = {tenure_edges:Array(Int64)})
),
facts AS
(
    -- Per account its pieces and tickets: (kind, from, to, (_, _, trained, tenure, plan)).
    SELECT
        if(accounts.tenant_id = '', tickets.tenant_id, accounts.tenant_id) AS tenant,
        if(accounts.account_id = '', tickets.account_id, accounts.account_id) AS account,
        arrayConcat(
            arrayMap(piece -> ('piece', piece.1, piece.2, piece), accounts.pieces),
            arrayMap(
                ticket -> if(
                    arrayExists(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, accounts.pieces),
                    ('ticket', ticket.1, ticket.2,
                        arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, accounts.pieces)),
                    (if(account = '', 'unresolved', 'inactive'), ticket.1, ticket.2,
                        (toInt64(0), toInt64(0), '(none)', '(none)', '(none)'))),
                tickets.lives)) AS facts_of_account
    FROM accounts
    FULL JOIN tickets ON accounts.tenant_id = tickets.tenant_id AND accounts.account_id = tickets.account_id
    WHERE NOT accounts.is_internal
)
SELECT
    tenant AS tenant_id,
    account AS account_id,
    fact.1 AS kind,
    fact.2 AS from_at,
    fact.3 AS to_at,
    fact.4.3 AS trained,
    fact.4.4 AS tenure,
    fact.4.5 AS plan
FROM facts
ARRAY JOIN facts_of_account AS fact
