-- Units of support_ticket_rate: pieces of active time, and tickets in the dimensions of the piece they fall into.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, training_courses, tenure_edges
-- A ticket counts when its account is active at its creation, and is known to t with from_at < t <= to_at; of one that was moved to the
-- account later there is a second row, of the kind's name and `_before`: what it says from its creation until then is to be taken
-- off. Tickets of inactive accounts and of no account are told apart; they fall into no piece, so all their dimensions are unknown.
WITH
tickets AS
(
    SELECT tenant_id, account_id, groupArray((at, since, until)) AS lives
    FROM {{database}}.ticket_lives(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE is_counted
    GROUP BY tenant_id, account_id
),
accounts AS
(
    SELECT tenant_id, account_id, is_internal, pieces
    FROM {{database}}.customer_histories(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        churn_recognition = {churn_recognition:String},
        training_courses = {training_courses:Array(String)},
        tenure_edges = {tenure_edges:Array(Int64)})
),
facts AS
(
    -- Per account its pieces and tickets: (kind, from, to, (_, _, trained, tenure, plan)).
    SELECT
        if(accounts.tenant_id = '', tickets.tenant_id, accounts.tenant_id) AS tenant,
        if(accounts.account_id = '', tickets.account_id, accounts.account_id) AS account,
        arrayMap(
            ticket -> if(
                arrayExists(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, accounts.pieces),
                ('ticket', ticket, arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, accounts.pieces)),
                (if(account = '', 'unresolved', 'inactive'), ticket,
                    (toInt64(0), toInt64(0), '(none)', '(none)', '(none)'))),
            tickets.lives) AS placed,
        arrayConcat(
            arrayMap(piece -> ('piece', piece.1, piece.2, piece), accounts.pieces),
            arrayMap(ticket -> (ticket.1, ticket.2.1, ticket.2.3, ticket.3), placed),
            arrayMap(
                ticket -> (concat(ticket.1, '_before'), ticket.2.1, ticket.2.2, ticket.3),
                arrayFilter(ticket -> ticket.2.1 < ticket.2.2, placed))) AS facts_of_account
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
