-- course_completion_rate (KPI_SPEC 2.1, 7.4, 7.7): course runs by what became of them within the horizon H of enrolment.
--   as_of (ms), window_ms, by, filter, horizon_ms; units: units/course_completion_rate.sql
-- Counted by entry: enrolled, completed, completed_to_date, withdrawn in [t - H - W, t - H); immature in [t - H, t).
-- Either is a span (from, to] of as-of times. Spans that hold the same as-of times are counted together; their edges, one up,
-- one down, add up to the count at t. Dimensions course; plan, is_customer: at entry.
WITH
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
cells AS
(
    SELECT
        {{by:course}} AS by_course,
        {{by:plan}} AS by_plan,
        {{by:is_customer}} AS by_is_customer,
        is_withdrawn,
        completed_at < 253402300800000 AS is_completed,
        completed_at < entry + {horizon_ms:Int64} AS is_completed_in_time,
        roundDown(greatest(known_from, entry), grid) AS entered_cell,
        roundDown(least(known_to, entry + {horizon_ms:Int64}), grid) AS matured_cell,
        roundDown(greatest(known_from, entry + {horizon_ms:Int64}), grid) AS counted_cell,
        roundDown(least(known_to, entry + {horizon_ms:Int64} + {window_ms:Int64}), grid) AS left_cell,
        toInt64(count()) AS runs
    FROM ({{units:course_completion_rate}})
    WHERE entry < arrayMax({as_of:Array(Int64)})
        AND entry >= arrayMin({as_of:Array(Int64)}) - {horizon_ms:Int64} - {window_ms:Int64}
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'course')
            OR has({filter:Map(String, Array(String))}['course'], course))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'is_customer')
            OR has({filter:Map(String, Array(String))}['is_customer'], is_customer))
        AND (entered_cell < matured_cell OR counted_cell < left_cell)
    GROUP BY by_course, by_plan, by_is_customer, is_withdrawn, is_completed, is_completed_in_time,
        entered_cell, matured_cell, counted_cell, left_cell
),
edges AS
(
    SELECT
        arrayMap(d -> multiIf(d = 'course', by_course, d = 'plan', by_plan, by_is_customer), {by:Array(String)}) AS group,
        is_withdrawn,
        is_completed,
        is_completed_in_time,
        edge.1 AS is_mature,
        edge.2 AS cell,
        sum(edge.3 * runs) AS more
    FROM cells
    ARRAY JOIN [
        (false, entered_cell, toInt8(entered_cell < matured_cell)),
        (false, matured_cell, -toInt8(entered_cell < matured_cell)),
        (true, counted_cell, toInt8(counted_cell < left_cell)),
        (true, left_cell, -toInt8(counted_cell < left_cell))] AS edge
    GROUP BY group, is_withdrawn, is_completed, is_completed_in_time, is_mature, cell
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sumIf(more, is_mature AND NOT is_withdrawn)) AS enrolled,
    toString(sumIf(more, is_mature AND NOT is_withdrawn AND is_completed_in_time)) AS completed,
    toString(sumIf(more, is_mature AND NOT is_withdrawn AND is_completed)) AS completed_to_date,
    toString(sumIf(more, NOT is_mature AND NOT is_withdrawn)) AS immature,
    toString(sumIf(more, is_mature AND is_withdrawn)) AS withdrawn
FROM edges
ARRAY JOIN {as_of:Array(Int64)} AS t
WHERE cell < t
GROUP BY t, group
HAVING sum(more) > 0
ORDER BY t, group
