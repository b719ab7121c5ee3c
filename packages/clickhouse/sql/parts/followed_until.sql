-- Of `said` (tenant_id, account, origin, reached_at): until when each is followed, lost_at, the end of the first active period of
-- the account that ends at or after the origin, and plan, that of the account at the origin; not those of internal accounts.
SELECT
    said.tenant_id AS tenant_id,
    origin,
    reached_at,
    arrayFirst(ends_at -> origin <= ends_at, arrayPushBack(accounts.periods.2, toInt64(253402300800000))) AS lost_at,
    if(arrayExists(change -> change.1 <= origin, accounts.plans),
        arrayLast(change -> change.1 <= origin, accounts.plans).2, '(none)') AS plan
FROM said
LEFT JOIN
(
    SELECT tenant_id, account_id, is_internal, plans, periods
    FROM {{part:lives_of_accounts}}
) AS accounts ON said.tenant_id = accounts.tenant_id AND said.account = accounts.account_id
WHERE NOT accounts.is_internal
