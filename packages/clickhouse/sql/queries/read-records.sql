-- Records of one partition of a topic as events: times in ms, a key that is empty is none,
-- and a version that was negative is so again.
--   topic      String
--   partition  UInt32
--   from, to   Int64          offsets, `to` exclusive
--   types      Array(String)  event types wanted; whatever takes another event back is wanted too
SELECT
    {{part:record_columns}}
FROM {{database}}.events
WHERE _topic = {topic:String}
    AND _partition = {partition:UInt32}
    AND _offset >= {from:Int64}
    AND _offset < {to:Int64}
    AND (is_retraction OR event_type IN {types:Array(String)})
ORDER BY _offset
