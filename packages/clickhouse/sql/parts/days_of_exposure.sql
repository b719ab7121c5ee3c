-- One element per piece and day, and one per ticket, without time.
parts AS
(
    SELECT
        histories.tenant_id AS tenant_id,
        histories.account_id AS account_id,
        arrayConcat(
            arrayFlatten(arrayMap(
                piece -> arrayMap(
                    number -> (
                        number,
                        piece.3,
                        piece.4,
                        piece.5,
                        least(piece.2, (number + 1) * 86400000, toUnixTimestamp64Milli(now64(3)))
                            - greatest(piece.1, number * 86400000),
                        toInt64(0),
                        toInt64(0)),
                    range(
                        intDiv(piece.1, 86400000),
                        intDiv(least(piece.2, toUnixTimestamp64Milli(now64(3))) + 86399999, 86400000))),
                histories.pieces)),
            arrayMap(
                ticket -> (
                    intDiv(ticket.1, 86400000),
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).3,
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).4,
                    arrayFirst(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces).5,
                    toInt64(0),
                    toInt64(1),
                    toInt64(ticket.2)),
                arrayFilter(
                    ticket -> arrayExists(piece -> piece.1 <= ticket.1 AND ticket.1 < piece.2, histories.pieces),
                    tickets.asked))) AS parts_of_account
    FROM {{database}}.account_histories(
        tenants = [], offset_bound = map(), pause_limit = 0, training_courses = [],
        tenure_edges = [2419200000, 7257600000, 15724800000, 31449600000]) AS histories
    LEFT JOIN tickets ON histories.tenant_id = tickets.tenant_id AND histories.account_id = tickets.account_id
    WHERE NOT histories.is_internal
)
SELECT
    tenant_id,
    account_id,
    toDate(fromUnixTimestamp64Milli(part.1 * 86400000, 'UTC'), 'UTC') AS day,
    toBool(part.2 = 'true') AS is_trained,
    part.3 AS tenure,
    part.4 AS plan,
    sum(part.5) AS exposure_ms,
    sum(part.6) AS tickets,
    sum(part.7) AS incident_tickets
FROM parts
ARRAY JOIN parts_of_account AS part
GROUP BY tenant_id, account_id, day, is_trained, tenure, plan
