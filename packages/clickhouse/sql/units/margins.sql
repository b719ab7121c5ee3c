-- Gross margins, each from an instant on, in parts of 1e10, ascending: one row per tenant.
--   tenants (empty means all), offset_bound
-- A margin that was stated twice for an instant: the last by (occurred_at, event_id).
SELECT tenant_id, arraySort(groupArray((valid_at, scaled))) AS margins
FROM
(
    SELECT
        tenant_id,
        assumeNotNull(valid_from_ms) AS valid_at,
        argMax(toDecimal128OrNull(margin, 10), (at, event_id, source)) AS stated,
        toInt64(assumeNotNull(stated) * toDecimal128('10000000000', 0)) AS scaled
    FROM
    (
        SELECT tenant_id, at, event_id, source, margin, toUnixTimestamp64Milli(valid_from) AS valid_from_ms
        FROM {{database}}.effective_events(
            tenants = {tenants:Array(String)},
            types = ['margin.set'],
            offset_bound = {offset_bound:Map(String, Int64)})
        WHERE valid_from IS NOT NULL
    )
    GROUP BY tenant_id, valid_at
    HAVING stated IS NOT NULL AND scaled BETWEEN -10000000000 AND 10000000000
)
GROUP BY tenant_id
