-- Of `people` (origin, reached_at, lost_at, plan): those whose origin lies in [t - W, t), how many got there, and the curve of
-- their times. Followed from the origin to the first of: there, lost, t (or clip_at). Who is there at the moment of being lost
-- is there. curve holds counts by length of time: 'event@<ms>' and 'lost@<ms>'. Dimension plan: at the origin.
SELECT
    toString(of_t) AS as_of,
    group,
    toString(sum(people)) AS entrants,
    toString(sumIf(people, is_there)) AS reached,
    CAST(
        (
            groupArray(concat(if(is_there, 'event@', 'lost@'), toString(followed_ms))),
            groupArray(toString(people))
        ),
        'Map(String, String)') AS curve
FROM
(
    SELECT
        t AS of_t,
        arrayMap(d -> {{by:plan}}, {by:Array(String)}) AS group,
        reached_at < t AND reached_at <= lost_at AS is_there,
        greatest(if(is_there, reached_at, least(lost_at, t, {clip_at:Int64})) - origin, 0) AS followed_ms,
        count() AS people
    FROM people
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE t - {window_ms:Int64} <= origin AND origin < t
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
    GROUP BY of_t, group, is_there, followed_ms
)
GROUP BY of_t, group
ORDER BY of_t, group
