-- Person-time (STATISTICS 1): the active time of each account, cut where its training, its tenure bucket or its plan
-- changes, so that all three are constant in a piece. Times as in 0003.

-- The instant from which an account is trained, for good.
--   training_courses  Array(String)  courses whose completion trains; empty means any
CREATE VIEW IF NOT EXISTS {{database}}.account_training AS
SELECT tenant_id, account_id, min(at) AS trained_at
FROM {{database}}.effective_events(
    tenants = {tenants:Array(String)},
    types = ['lms.course_completed'],
    offset_bound = {offset_bound:Map(String, Int64)})
WHERE account_id != ''
    AND (empty({training_courses:Array(String)}) OR course_id IN {training_courses:Array(String)})
GROUP BY tenant_id, account_id;

--   pause_limit       Int64          as in account_intervals
--   training_courses  Array(String)  as in account_training
--   tenure_edges      Array(Int64)   inner edges of the tenure buckets in ms, ascending; tenure restarts with each period
-- trained is 'true' or 'false', tenure reads '0-28' or '364+' in days.
CREATE VIEW IF NOT EXISTS {{database}}.account_pieces AS
WITH cut AS
(
    SELECT
        tenant_id,
        account_id,
        intervals.from_at AS active_from,
        ifNull(training.trained_at, 253402300800000) AS trained_at,
        plans.changes AS changes,
        arraySort(arrayDistinct(arrayConcat(
            [intervals.from_at, intervals.to_at],
            arrayFilter(x -> intervals.from_at < x AND x < intervals.to_at, arrayConcat(
                [ifNull(training.trained_at, 253402300800000)],
                arrayMap(edge -> intervals.from_at + edge, {tenure_edges:Array(Int64)}),
                arrayMap(change -> change.1, plans.changes)))))) AS cuts
    FROM {{database}}.account_intervals(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)},
        pause_limit = {pause_limit:Int64}) AS intervals
    LEFT JOIN
    (
        SELECT tenant_id, account_id, toNullable(trained_at) AS trained_at
        FROM {{database}}.account_training(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)},
            training_courses = {training_courses:Array(String)})
    ) AS training USING (tenant_id, account_id)
    LEFT JOIN
    (
        SELECT tenant_id, account_id, arraySort(groupArray((from_at, plan))) AS changes
        FROM {{database}}.account_plans(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)})
        GROUP BY tenant_id, account_id
    ) AS plans USING (tenant_id, account_id)
)
SELECT
    tenant_id,
    account_id,
    piece_from AS from_at,
    piece_to AS to_at,
    if(trained_at <= piece_from, 'true', 'false') AS trained,
    concat(
        toString(arrayLast(edge -> edge <= piece_from - active_from,
            arrayPushFront({tenure_edges:Array(Int64)}, 0)) / 86400000),
        if(piece_from - active_from >= arrayMax(arrayPushFront({tenure_edges:Array(Int64)}, 0)),
            '+',
            concat('-', toString(arrayFirst(edge -> edge > piece_from - active_from,
                {tenure_edges:Array(Int64)}) / 86400000)))) AS tenure,
    if(arrayExists(change -> change.1 <= piece_from, changes),
        arrayLast(change -> change.1 <= piece_from, changes).2, '(none)') AS plan
FROM cut
ARRAY JOIN arrayPopBack(cuts) AS piece_from, arrayPopFront(cuts) AS piece_to;
