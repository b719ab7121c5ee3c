-- The generation of kept units that was finished last and is without all who were erased (all zeros before the first), and until which as-of time it holds for a
-- tenant and event types, whatever has come since.
--   tenant_id, types
WITH
(
    SELECT argMax((generation, definitions, offset_bound), kept_at)
    FROM {{database}}.kept_generations
    WHERE erasures = (SELECT uniqExact(id) FROM {{database}}.erasures)
) AS latest
SELECT
    latest.1 AS generation,
    latest.2 AS definitions,
    toString(ifNull(minOrNull(changed_from), 253402300800000)) AS holds_until
FROM {{database}}.event_changes
WHERE tenant_id = {tenant_id:String}
    AND (event_type = '' OR event_type IN {types:Array(String)})
    AND last_offset >= latest.3[concat(_topic, ':', toString(_partition))]
