-- Units of time_to_first_value: accounts that were created and are not internal.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, value_actions
--   origin      creation; plan: at it
--   reached_at  first value event
--   lost_at     end of the first active period that ends at or after the creation
-- 253402300800000 (the year 10000) stands for "not".
WITH
said AS
(
    SELECT
        tenant_id,
        account_id AS account,
        minIf(at, event_type = 'account.created') AS origin,
        if(countIf(event_type = 'product.action_performed') = 0, toInt64(253402300800000),
            minIf(at, event_type = 'product.action_performed')) AS reached_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'product.action_performed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != '' AND (event_type = 'account.created' OR {{part:is_of_value}})
    GROUP BY tenant_id, account_id
    HAVING countIf(event_type = 'account.created') > 0
)
{{part:followed_until}}
