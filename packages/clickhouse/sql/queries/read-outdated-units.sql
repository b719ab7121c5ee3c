-- Generations of kept units that nobody reads any more, by table: neither one of the two newest nor written of late, so that
-- neither a long read nor a generation that is being made loses anything.
--   tables, age_seconds
SELECT table, partition AS generation
FROM system.parts
WHERE database = '{{database}}' AND table IN {tables:Array(String)} AND active
GROUP BY table, partition
HAVING max(modification_time) < now() - toIntervalSecond({age_seconds:UInt32})
    AND toUUIDOrZero(partition) NOT IN (
        SELECT generation
        FROM {{database}}.kept_generations
        ORDER BY kept_at DESC
        LIMIT 2)
