-- What has arrived of each partition of each topic: rows, distinct events, and the offset after the last row.
--   topics        Array(String)       empty means all
--   offset_bound  Map(String, Int64)  exclusive last offset by 'topic:partition'; empty means no bound
SELECT
    _topic AS topic,
    _partition AS partition,
    toString(count()) AS rows,
    toString(uniqExact(tenant_id, source, event_id)) AS events,
    toString(max(_offset) + 1) AS next_offset
FROM {{database}}.events
WHERE (empty({topics:Array(String)}) OR _topic IN {topics:Array(String)})
    AND (empty({offset_bound:Map(String, Int64)})
        OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
GROUP BY topic, partition
ORDER BY topic, partition
