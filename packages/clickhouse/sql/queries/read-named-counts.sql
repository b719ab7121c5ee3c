-- How many rows name somebody, by partition of each topic.
--   tenant, kind (user or account), id
SELECT concat(_topic, ':', toString(_partition)) AS place, toString(count()) AS rows
FROM {{database}}.events
WHERE {{part:names_subject}}
GROUP BY place
ORDER BY place
