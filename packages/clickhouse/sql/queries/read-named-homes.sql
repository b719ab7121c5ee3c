-- Homes that hold something of somebody, as accounts and as users without one, and the users who may have other homes because of it:
-- the user, or all users of the account. Accounts that moves of a ticket of theirs name know of the ticket, however many moves away.
--   tenant, kind (user or account), id
WITH users_of AS
(
    SELECT DISTINCT user_id
    FROM {{database}}.events
    WHERE user_id != '' AND {{part:names_subject}}
)
SELECT DISTINCT
    arrayJoin({{part:accounts_of_event}}) AS account,
    '' AS user,
    '' AS shared
FROM {{database}}.events
WHERE {{part:names_subject}}
UNION DISTINCT
SELECT DISTINCT
    '' AS account,
    arrayJoin([if(account_id = '', user_id, ''), ifNull(from_user_id, ''), ifNull(into_user_id, '')]) AS user,
    '' AS shared
FROM {{database}}.events
WHERE {{part:names_subject}}
UNION DISTINCT
SELECT DISTINCT
    account_id AS account,
    if(account_id = '', user_id, '') AS user,
    user_id AS shared
FROM {{database}}.events
WHERE tenant_id = {tenant:String} AND user_id IN (SELECT user_id FROM users_of)
UNION DISTINCT
SELECT DISTINCT
    arrayJoin({{part:accounts_of_event}}) AS account,
    '' AS user,
    '' AS shared
FROM {{database}}.events
WHERE tenant_id = {tenant:String}
    AND event_type = 'support.ticket_updated'
    AND (source, ticket_id) IN (
        SELECT source, ticket_id
        FROM {{database}}.events
        WHERE startsWith(event_type, 'support.') AND {{part:names_subject}})
