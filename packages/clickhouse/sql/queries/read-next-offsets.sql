-- The offset after the last row of one partition, by topic.
--   topics     Array(String)
--   partition  UInt32
SELECT _topic AS topic, toString(max(_offset) + 1) AS next_offset
FROM {{database}}.events
WHERE _topic IN {topics:Array(String)} AND _partition = {partition:UInt32}
GROUP BY topic
ORDER BY topic
