-- support_ticket_rate (KPI_SPEC 2.10, 7.4; STATISTICS 1): tickets per active time of accounts in [t - W, t).
--   tenant_id, as_of (ms), window_ms, clip_at (ms), by, filter, offset_bound, pause_limit, training_courses, tenure_edges
-- A ticket counts when its account is active at its creation; it has the dimensions of the piece it falls into. A creation
-- that is sent again replaces the earlier one from its own instant on (known to t with at < t <= next_at); an invalidated
-- ticket never was one. Tickets of inactive accounts and of no account are told apart; they fall into no piece, so all their
-- dimensions are unknown. Person-time is cut at clip_at.
WITH
created AS
(
    SELECT
        account_id,
        event_type,
        at,
        is_customer_initiated AND ifNull(is_support, true) AS is_request,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY source, ticket_id, event_type ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        countIf(event_type = 'support.ticket_invalidated') OVER (PARTITION BY source, ticket_id) > 0 AS is_invalid
    FROM {{database}}.effective_events(
        tenants = [{tenant_id:String}],
        types = ['support.ticket_created', 'support.ticket_invalidated'],
        offset_bound = {offset_bound:Map(String, Int64)})
),
tickets AS
(
    SELECT account_id, groupArray((at, next_at)) AS lives
    FROM created
    WHERE event_type = 'support.ticket_created' AND is_request AND NOT is_invalid
    GROUP BY account_id
),
accounts AS
(
    SELECT account_id, is_internal, pieces
    FROM {{database}}.account_histories(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        training_courses = {training_courses:Array(String)},
        tenure_edges = {tenure_edges:Array(Int64)})
),
facts AS
(
    -- Per account its pieces and tickets: (kind, from, to, (_, _, trained, tenure, plan)); a ticket is known to t in (from, to].
    SELECT
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
    FULL JOIN tickets ON accounts.account_id = tickets.account_id
    WHERE NOT accounts.is_internal
),
split AS
(
    SELECT
        account,
        fact.1 AS kind,
        fact.2 AS from_at,
        fact.3 AS to_at,
        fact.4.3 AS trained,
        fact.4.4 AS tenure,
        fact.4.5 AS plan
    FROM facts
    ARRAY JOIN facts_of_account AS fact
)
SELECT
    toString(t) AS as_of,
    arrayMap(d -> multiIf(d = 'trained', trained, d = 'tenure', tenure, plan), {by:Array(String)}) AS group,
    toString(countIf(kind = 'ticket')) AS tickets,
    toString(sumIf(
        toInt128(greatest(0, least(to_at, t, {clip_at:Int64}) - greatest(from_at, t - {window_ms:Int64}))),
        kind = 'piece')) AS exposure_ms,
    toString(uniqExactIf(account, kind = 'piece')) AS accounts,
    toString(countIf(kind = 'inactive')) AS account_not_active,
    toString(countIf(kind = 'unresolved')) AS unresolved_account
FROM split
ARRAY JOIN arrayFilter(
    x -> from_at < x AND if(kind = 'piece',
        x - {window_ms:Int64} < to_at,
        x <= to_at AND x - {window_ms:Int64} <= from_at),
    {as_of:Array(Int64)}) AS t
WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'trained')
        OR has({filter:Map(String, Array(String))}['trained'], trained))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'tenure')
        OR has({filter:Map(String, Array(String))}['tenure'], tenure))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan))
GROUP BY t, group
ORDER BY t, group
