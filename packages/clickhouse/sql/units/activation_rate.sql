-- Units of activation_rate: accounts that were created and are not internal.
--   tenants (empty means all), offset_bound, key_actions, activation_rule ('all', 'ordered' or a number)
--   plan          at created_at
--   activated_at  when the key actions were done as the rule asks; 253402300800000 (the year 10000) stands for "not"
WITH
said AS
(
    SELECT
        tenant_id,
        account_id,
        minIf(at, event_type = 'account.created') AS created_at,
        ifNull(argMaxIf(imported, (at, event_id, source), event_type = 'account.created' AND imported IS NOT NULL), false)
            AS is_imported,
        groupArrayIf((ifNull(action, ''), at), event_type = 'product.action_performed') AS actions,
        arrayMap(
            key_action -> arrayMin(arrayPushBack(
                arrayMap(done -> done.2, arrayFilter(done -> done.1 = key_action, actions)),
                toInt64(253402300800000))),
            {key_actions:Array(String)}) AS first_done,
        multiIf(
            {activation_rule:String} = 'ordered' AND first_done != arraySort(first_done), toInt64(253402300800000),
            arrayElementOrNull(
                arraySort(first_done),
                if({activation_rule:String} IN ('all', 'ordered'), length(first_done), toUInt64OrZero({activation_rule:String}))))
            AS done_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created', 'product.action_performed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
        AND (event_type = 'account.created' OR has({key_actions:Array(String)}, action))
    GROUP BY tenant_id, account_id
    HAVING countIf(event_type = 'account.created') > 0
)
SELECT
    said.tenant_id AS tenant_id,
    created_at,
    is_imported,
    ifNull(done_at, toInt64(253402300800000)) AS activated_at,
    if(arrayExists(change -> change.1 <= created_at, accounts.plans),
        arrayLast(change -> change.1 <= created_at, accounts.plans).2, '(none)') AS plan
FROM said
INNER JOIN
(
    {{part:plans_of_accounts}}
) AS accounts ON said.tenant_id = accounts.tenant_id AND said.account_id = accounts.account_id
WHERE NOT accounts.is_internal
