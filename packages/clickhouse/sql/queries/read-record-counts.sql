-- Records of one partition of a topic by stretches of offsets, type and sender, and when the last of each happened.
--   topic      String
--   partition  UInt32
--   from, to   Int64  offsets, `to` exclusive
--   step       Int64  offsets of one stretch; the first begins at `from`
SELECT
    intDiv(_offset - {from:Int64}, {step:Int64}) AS stretch,
    tenant_id,
    event_type,
    source,
    count() AS records,
    toUnixTimestamp64Milli(max(occurred_at)) AS last_at
FROM {{database}}.events
WHERE _topic = {topic:String}
    AND _partition = {partition:UInt32}
    AND _offset >= {from:Int64}
    AND _offset < {to:Int64}
GROUP BY stretch, tenant_id, event_type, source
ORDER BY stretch, tenant_id, event_type, source
