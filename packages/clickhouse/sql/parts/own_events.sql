-- Events that a declared KPI may read: (account_id, user_id, source, event_id, event_type, at, texts, dims), internal accounts
-- left out.
--   tenants, offset_bound, as_of (ms), event_types, field_names, dimension_fields; earliest (ms): none before it counts
--   {{fields}}  an array of null and the fields as texts, null where one is not stated: written by own-kpis.ts from an allow-list
-- dims: per dimension the field at that place of texts; at place 1, which states nothing, the plan of the account at the event.
SELECT
    said.account_id AS account_id,
    user_id,
    source,
    event_id,
    event_type,
    at,
    texts,
    if(arrayExists(change -> change.1 <= at, accounts.plans),
        arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan_then,
    arrayMap(
        field -> if(field = 1, plan_then, substringUTF8(
            replaceRegexpAll(ifNull(arrayElement(texts, field), ''), '[\\x00-\\x1f]', ' '), 1, 64)),
        {dimension_fields:Array(UInt16)}) AS shown,
    arrayMap(value -> if(value = '', '(none)', value), shown) AS dims
FROM
(
    SELECT
        tenant_id, account_id, user_id, source, event_id, event_type, at,
        CAST({{fields}}, 'Array(Nullable(String))') AS texts
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = {event_types:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE at < arrayMax({as_of:Array(Int64)}) AND at >= {earliest:Int64}
) AS said
LEFT JOIN
(
    {{part:plans_of_accounts}}
) AS accounts ON said.tenant_id = accounts.tenant_id AND said.account_id = accounts.account_id
WHERE NOT accounts.is_internal
