-- Effective events of some subjects, and of some users wherever they were.
--   tenants    Array(String)  the one tenant
--   types      Array(String)  event types
--   accounts   Array(String)  ids
--   users      Array(String)  ids of users, of whom only what names no account is read
--   has_tenant Bool           whether what is about neither account nor user is read too
--   wanderers  Array(String)  ids of users, of whom everything is read
--   referred   Array(String)  ids of accounts, of which referrals that name them are read
--   offset_bound, empty, as in all views
-- Of tickets that were moved from or to one of the accounts everything is read, whosever it is.
SELECT
    {{part:record_columns}}
FROM {{database}}.events
WHERE tenant_id IN {tenants:Array(String)}
    AND NOT is_retraction
    AND event_type IN {types:Array(String)}
    AND (
        account_id IN {accounts:Array(String)} AND account_id != ''
        OR account_id = '' AND user_id IN {users:Array(String)} AND user_id != ''
        OR {has_tenant:Bool} AND account_id = '' AND user_id = ''
        OR user_id IN {wanderers:Array(String)} AND user_id != ''
        -- By key, because a later version of a referral may name another account.
        OR event_type = 'referral.sent' AND (source, event_id) IN (
            SELECT source, event_id
            FROM {{database}}.events
            WHERE tenant_id IN {tenants:Array(String)}
                AND event_type = 'referral.sent'
                AND ifNull(referred_account_id, '') IN {referred:Array(String)}
                AND ifNull(referred_account_id, '') != '')
        OR startsWith(event_type, 'support.') AND (source, ticket_id) IN (
            SELECT source, ticket_id
            FROM {{database}}.events
            WHERE tenant_id IN {tenants:Array(String)}
                AND event_type = 'support.ticket_updated'
                AND event_type IN {types:Array(String)}
                AND (field IN ('account_id', 'organization_id')
                        AND (`from` IN {accounts:Array(String)}
                            OR `to` IN {accounts:Array(String)}
                            OR account_id IN {accounts:Array(String)})
                    OR from_account_id IN {accounts:Array(String)}
                    OR into_account_id IN {accounts:Array(String)})))
{{part:members_of_events}}
-- Keys that are empty are null in what is selected, not in the conditions.
SETTINGS prefer_column_name_to_alias = 1
