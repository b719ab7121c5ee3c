-- Units of adoption_rate, of accounts that are not internal and completed an onboarding: one row each.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   pieces        stretches [from, to) of active periods with one plan: (from, to, plan)
--   plan          at the end of the onboarding
--   active_days   UTC days with a value event: (first event, start of the first active hour, start of the last one)
WITH
onboarded AS
(
    SELECT tenant_id, account_id, min(at) AS first_onboarded_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['onboarding.completed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
),
histories AS
(
    SELECT tenant_id, account_id, is_internal, plans, arrayMap(piece -> (piece.1, piece.2, piece.5), pieces) AS plan_pieces
    FROM {{part:lives_of_accounts}}
)
SELECT
    onboarded.tenant_id AS tenant_id,
    first_onboarded_at AS onboarded_at,
    plan_pieces AS pieces,
    if(arrayExists(change -> change.1 <= first_onboarded_at, plans),
        arrayLast(change -> change.1 <= first_onboarded_at, plans).2, '(none)') AS plan,
    arrayMap(
        day -> (
            arrayFirst(hour -> intDiv(hour.1, 86400000) = day, active.hours).2,
            arrayFirst(hour -> intDiv(hour.1, 86400000) = day, active.hours).1,
            arrayLast(hour -> intDiv(hour.1, 86400000) = day, active.hours).1),
        arrayCompact(arrayMap(hour -> intDiv(hour.1, 86400000), active.hours))) AS active_days
FROM onboarded
LEFT JOIN histories ON onboarded.tenant_id = histories.tenant_id AND onboarded.account_id = histories.account_id
LEFT JOIN
(
    {{part:active_hours}}
) AS active ON onboarded.tenant_id = active.tenant_id AND onboarded.account_id = active.account_id
WHERE NOT histories.is_internal
