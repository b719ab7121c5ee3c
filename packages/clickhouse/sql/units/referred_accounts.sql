-- Units of referral_rate.conversion: accounts that another one referred and that are not internal.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   referred_at     when the first valid referral of it was sent, whoever sent it
--   customer_since  beginning of its first active period; 253402300800000 (the year 10000) stands for "not"
--   plan            at referred_at
-- Whoever has the referrer's own mail domain is no outsider; internal accounts refer nobody.
WITH
senders AS
(
    SELECT
        tenant_id,
        account_id,
        lower(ifNull(argMaxIf(domain, (at, event_id, source), event_type = 'account.created' AND domain IS NOT NULL), '')) AS own,
        groupArrayIf(
            (ifNull(referred_account_id, ''), at, lower(ifNull(invitee_domain, ''))),
            event_type = 'referral.sent' AND ifNull(referred_account_id, '') NOT IN ('', account_id)) AS referrals
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'referral.sent'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
    HAVING notEmpty(referrals)
        AND NOT ifNull(argMaxIf(
            is_internal,
            (at, event_id, source),
            event_type = 'account.created' AND is_internal IS NOT NULL), false)
),
referred AS
(
    SELECT tenant_id, referral.1 AS account_id, min(referral.2) AS referred_at
    FROM senders
    ARRAY JOIN referrals AS referral
    WHERE own = '' OR referral.3 != own
    GROUP BY tenant_id, account_id
)
SELECT
    referred.tenant_id AS tenant_id,
    referred_at,
    if(empty(accounts.periods), toInt64(253402300800000), accounts.periods[1].1) AS customer_since,
    if(arrayExists(change -> change.1 <= referred_at, accounts.plans),
        arrayLast(change -> change.1 <= referred_at, accounts.plans).2, '(none)') AS plan
FROM referred
-- Of one of which nothing else is known there is no account.
LEFT JOIN
(
    SELECT tenant_id, account_id, is_internal, periods, plans
    FROM {{part:lives_of_accounts}}
) AS accounts ON referred.tenant_id = accounts.tenant_id AND referred.account_id = accounts.account_id
WHERE NOT accounts.is_internal
