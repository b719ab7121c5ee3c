-- Accounts for a comparison of person-time: those active before a time, with what is known of them at it.
--   tenants, tickets_from, until (ms): tickets in [tickets_from, until) as known at `until`; completions before it
-- An account without active time tells only of tickets that fall outside it; the nameless one, of tickets of nobody known.
SELECT
    account_id,
    arrayFilter(period -> period.1 < {until:Int64}, periods) AS active,
    arrayFilter(change -> change.1 < {until:Int64}, plans) AS plans,
    arrayFilter(completion -> completion.1 < {until:Int64}, completions) AS completions,
    arrayFilter(seat -> seat.1 < {until:Int64}, seats) AS seats,
    arrayMap(
        ticket -> (ticket.1, toUInt8(ticket.3)),
        arrayFilter(
            (ticket, since) -> {tickets_from:Int64} <= ticket.1 AND since < {until:Int64} AND {until:Int64} <= ticket.2,
            tickets,
            tickets_since)) AS asked
FROM ({{units:exposures}})
WHERE notEmpty(active) OR notEmpty(asked)
