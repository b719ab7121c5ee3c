-- Units of referral_rate, of accounts that are not internal and completed an onboarding:
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   member    a piece [from_at, to_at) of an active period with one plan
--   referral  such a piece with an outsider first invited at referred_at, and the next one at next_referred_at
-- An invitee counts once per account, for all time; whoever has the account's own mail domain is no outsider.
-- 253402300800000 (the year 10000) stands for "not".
WITH
accounts AS
(
    SELECT tenant_id, account_id, pieces
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal AND notEmpty(pieces)
),
said AS
(
    SELECT
        tenant_id,
        account_id,
        minIf(at, event_type = 'onboarding.completed') AS first_onboarded_at,
        lower(ifNull(argMaxIf(domain, (at, event_id, source), event_type = 'account.created' AND domain IS NOT NULL), '')) AS own,
        -- The first valid invitation of each invitee.
        arraySort(groupArrayIf(
            (ifNull(invitee_hash, ''), at, lower(ifNull(invitee_domain, ''))),
            event_type = 'referral.sent' AND ifNull(referred_account_id, '') != account_id)) AS invitations,
        arrayFilter(invitation -> own = '' OR invitation.3 != own, invitations) AS outsiders,
        arraySort(arrayMap(invitation -> invitation.2, arrayFilter(
            (invitation, place) -> place = 1 OR outsiders[place - 1].1 != invitation.1,
            outsiders,
            arrayEnumerate(outsiders)))) AS referrals
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'onboarding.completed', 'referral.sent'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
    HAVING countIf(event_type = 'onboarding.completed') > 0
)
SELECT
    accounts.tenant_id AS tenant_id,
    piece.5 AS plan,
    piece.1 AS from_at,
    piece.2 AS to_at,
    first_onboarded_at AS onboarded_at,
    row.1 AS kind,
    row.2 AS referred_at,
    row.3 AS next_referred_at
FROM accounts
INNER JOIN said ON accounts.tenant_id = said.tenant_id AND accounts.account_id = said.account_id
ARRAY JOIN pieces AS piece
ARRAY JOIN arrayPushFront(
    arrayMap(
        (referred, next_referred) -> ('referral', referred, next_referred),
        referrals,
        arrayResize(arrayPushBack(arrayPopFront(referrals), toInt64(253402300800000)), length(referrals))),
    ('member', toInt64(-9000000000000000), toInt64(253402300800000))) AS row
