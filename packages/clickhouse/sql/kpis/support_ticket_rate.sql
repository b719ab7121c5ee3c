-- support_ticket_rate (KPI_SPEC 2.10, 7.4; STATISTICS 1): tickets per active time of accounts in [t - W, t).
--   tenant_id, as_of (ms), window_ms, clip_at (ms), by, filter, offset_bound, pause_limit, training_courses, tenure_edges
-- A ticket counts when its account is active at its creation; it has the dimensions of the piece it falls into. A creation
-- that is sent again replaces the earlier one from its own instant on (known to t with at < t <= next_at); an invalidated
-- ticket never was one. Tickets of inactive accounts and of no account are told apart, with trained = 'false' and no plan
-- and tenure. Person-time is cut at clip_at.
WITH
created AS
(
    SELECT
        tenant_id,
        account_id,
        source,
        ticket_id,
        at,
        is_customer_initiated,
        is_support,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY source, ticket_id ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM {{database}}.effective_events(
        tenants = [{tenant_id:String}],
        types = ['support.ticket_created'],
        offset_bound = {offset_bound:Map(String, Int64)})
),
tickets AS
(
    SELECT account_id, at, next_at
    FROM created
    WHERE is_customer_initiated
        AND ifNull(is_support, true)
        AND (source, assumeNotNull(ticket_id)) NOT IN (
            SELECT source, assumeNotNull(ticket_id)
            FROM {{database}}.effective_events(
                tenants = [{tenant_id:String}],
                types = ['support.ticket_invalidated'],
                offset_bound = {offset_bound:Map(String, Int64)}))
        AND (tenant_id, account_id) NOT IN (
            SELECT tenant_id, account_id
            FROM {{database}}.internal_accounts(
                tenants = [{tenant_id:String}],
                offset_bound = {offset_bound:Map(String, Int64)}))
),
pieces AS
(
    SELECT account_id, from_at, to_at, trained, tenure, plan
    FROM {{database}}.account_pieces(
        tenants = [{tenant_id:String}],
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64},
        training_courses = {training_courses:Array(String)},
        tenure_edges = {tenure_edges:Array(Int64)})
),
facts AS
(
    SELECT
        if(is_in_piece, pieces.trained, 'false') AS trained,
        if(is_in_piece, pieces.tenure, '(none)') AS tenure,
        if(is_in_piece, pieces.plan, '(none)') AS plan,
        pieces.account_id != '' AND tickets.at < pieces.to_at AS is_in_piece,
        tickets.account_id AS account_id,
        if(is_in_piece, 'ticket', if(tickets.account_id = '', 'unresolved', 'inactive')) AS fact,
        arrayMap(x -> (x, toInt64(0)), arrayFilter(
            x -> tickets.at < x AND x <= tickets.next_at AND x - {window_ms:Int64} <= tickets.at,
            {as_of:Array(Int64)})) AS counts
    FROM tickets
    ASOF LEFT JOIN pieces ON tickets.account_id = pieces.account_id AND tickets.at >= pieces.from_at
    UNION ALL
    SELECT
        trained,
        tenure,
        plan,
        true AS is_in_piece,
        account_id,
        'piece' AS fact,
        arrayMap(
            x -> (x, greatest(0, least(to_at, x, {clip_at:Int64}) - greatest(from_at, x - {window_ms:Int64}))),
            arrayFilter(x -> from_at < x AND x - {window_ms:Int64} < to_at, {as_of:Array(Int64)})) AS counts
    FROM pieces
)
SELECT
    toString(count.1) AS as_of,
    arrayMap(d -> multiIf(d = 'trained', trained, d = 'tenure', tenure, plan), {by:Array(String)}) AS group,
    toString(countIf(fact = 'ticket')) AS tickets,
    toString(sum(toInt128(count.2))) AS exposure_ms,
    toString(uniqExactIf(account_id, fact = 'piece')) AS accounts,
    toString(countIf(fact = 'inactive')) AS account_not_active,
    toString(countIf(fact = 'unresolved')) AS unresolved_account
FROM facts
ARRAY JOIN counts AS count
WHERE (NOT mapContains({filter:Map(String, Array(String))}, 'trained')
        OR has({filter:Map(String, Array(String))}['trained'], trained))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'tenure')
        OR has({filter:Map(String, Array(String))}['tenure'], tenure))
    AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
        OR has({filter:Map(String, Array(String))}['plan'], plan))
GROUP BY count.1, group
ORDER BY count.1, group
