-- Product use of some accounts, as KPIs read it.
--   tenants      Array(String)  the one tenant
--   accounts     Array(String)  ids
--   users        Array(String)  ids of users of whom some action that names no account may be of one of them
--   merged_users, into_users, stay_users, stay_texts  Array(String)  as in list-member-subjects.sql
--   key_actions, value_actions  Array(String)
-- and offset_bound, empty, as in all views. Of each account:
--   hours           UTC hours with a value event, counted from 1970, ascending
--   first_value_at  ms; null when there is none
--   first_actions   key action -> when it was first done, ms
WITH acts AS
(
    SELECT
        if(account_id = '', {{part:placed_account}}, account_id) AS account,
        toUnixTimestamp64Milli(occurred_at) AS at, CAST(ifNull(action, ''), 'String') AS action, {{part:is_of_value}} AS is_value
    FROM {{database}}.events
    WHERE tenant_id IN {tenants:Array(String)}
        AND NOT is_retraction
        AND event_type = 'product.action_performed'
        AND (account_id IN {accounts:Array(String)} AND account_id != ''
            OR account_id = '' AND user_id IN {users:Array(String)})
    {{part:members_of_events}}
)
SELECT
    account AS account_id,
    arraySort(groupUniqArrayIf(toInt64(floor(at / 3600000)), is_value)) AS hours,
    minOrNullIf(at, is_value) AS first_value_at,
    CAST(minMapIf([action], [at], has({key_actions:Array(String)}, action)), 'Map(String, Int64)') AS first_actions
FROM acts
WHERE account IN {accounts:Array(String)}
GROUP BY account
