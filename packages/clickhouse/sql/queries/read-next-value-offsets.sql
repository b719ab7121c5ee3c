-- The offset after the last published value of each partition of a topic that is here.
--   topic  String
SELECT _partition AS partition, toString(max(_offset) + 1) AS next_offset
FROM {{database}}.published_values
WHERE _topic = {topic:String}
GROUP BY partition
ORDER BY partition
