-- UTC hours in which accounts had a value event: (start of the hour, first value event in it), ascending.
SELECT
    tenant_id,
    account_id,
    arraySort(groupArray((hour_start, first_at))) AS hours
FROM
(
    SELECT tenant_id, account_id, at - at % 3600000 AS hour_start, min(at) AS first_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['product.action_performed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != '' AND {{part:is_of_value}}
    GROUP BY tenant_id, account_id, hour_start
)
GROUP BY tenant_id, account_id
