-- The state of accounts over time (KPI_SPEC 1.7, 7.4 on 2.3 and 2.10): one row per account, because every KPI needs several
-- sides of it and a view that is named twice is read twice.
-- Times are ms since the epoch, every period is half-open [from, to), and 253402300800000 (the year 10000) stands for "not
-- ended". A state depends on events at or before its own instant only, so the part before t is what a value at t knows.
--   pause_limit       Int64          ms by which an active period goes on when an update to MRR 0 ended it
--   training_courses  Array(String)  courses whose completion trains an account; empty means any
--   tenure_edges      Array(Int64)   inner edges of the tenure buckets in ms, ascending; tenure restarts with each period
-- Columns:
--   is_internal  test or own account: the last statement about it holds for all of history
--   states       what each subscription was, from one of its events to the next:
--                (from, to, mrr_minor, currency, plan, subscription_id, source)
--   periods      maximal periods in which the MRR of all subscriptions sums to more than 0: (from, to)
--   plans        the plan from one change on: (from, plan); that of the subscription open for longest, ties by id, '(none)'
--                while none is open
--   trained_at   the first qualifying completion, from which on the account is trained for good
--   pieces       the active periods, cut where training, tenure bucket or plan change (STATISTICS 1), so that all three are
--                constant in a piece: (from, to, trained, tenure, plan); trained is 'true' or 'false', tenure '0-28' or '364+'
CREATE VIEW IF NOT EXISTS {{database}}.account_histories AS
WITH
source_events AS
(
{{part:events_of_accounts}}
),
followed AS
(
    -- Of several events of a subscription at one instant the last one holds.
    SELECT
        tenant_id, account_id, source, event_id, at, is_internal, trains, subscription, next_at, mrr, currency_code,
        plan_name, is_pause,
        subscription != '' AND at < next_at AS is_state,
        lagInFrame(if(mrr > 0, next_at, -1), 1, -1) OVER (
            PARTITION BY tenant_id, account_id, source, subscription, is_state ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS open_until
    FROM source_events
),
opened AS
(
    -- open_since: the start of the subscription's current stretch of MRR above 0.
    SELECT
        tenant_id, account_id, source, event_id, at, is_internal, trains, subscription, next_at, mrr, currency_code,
        plan_name, is_pause, is_state,
        ifNull(max(if(mrr > 0 AND open_until != at, at, NULL)) OVER (
            PARTITION BY tenant_id, account_id, source, subscription, is_state ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), at) AS open_since
    FROM followed
),
grouped AS
(
    SELECT
        tenant_id,
        account_id,
        ifNull(argMax(is_internal, (at, event_id, source)), false) AS is_internal_account,
        if(countIf(trains) > 0, minIf(at, trains), 253402300800000) AS first_trained_at,
        arraySort(groupArrayIf((at, next_at, mrr, currency_code, plan_name, subscription, source), is_state)) AS all_states,
        -- Longest open first. What a lambda captures is copied per element, so the lambdas below work on plain columns.
        arraySort(groupArrayIf((open_since, subscription, source, plan_name, at, next_at), is_state AND mrr > 0)) AS open_states,
        arraySort(groupUniqArrayArrayIf([at, next_at], is_state)) AS instants,
        groupUniqArrayIf(at, is_state AND is_pause) AS pauses
    FROM opened
    GROUP BY tenant_id, account_id
),
levelled AS
(
    SELECT
        tenant_id, account_id, is_internal_account, first_trained_at, all_states, open_states, instants, pauses,
        all_states.1 AS froms,
        all_states.2 AS tos,
        all_states.3 AS mrrs,
        arrayMap(
            instant -> arraySum((f, u, mrr) -> if(f <= instant AND instant < u, mrr, 0), froms, tos, mrrs) > 0,
            instants) AS is_active,
        arrayResize(arrayPushFront(is_active, 0), length(is_active)) AS was_active,
        arrayFilter((instant, active, before) -> active AND NOT before, instants, is_active, was_active) AS starts,
        -- The last instant is always inactive: a state that has not ended ends in the year 10000.
        arrayMap(
            instant -> least(instant + if(has(pauses, instant), {pause_limit:Int64}, 0), 253402300800000),
            arrayFilter((instant, active, before) -> before AND NOT active, instants, is_active, was_active)) AS ends,
        arrayMap(i -> arrayMax(arraySlice(ends, 1, i)), arrayEnumerate(ends)) AS ends_so_far
    FROM grouped
),
timed AS
(
    SELECT
        tenant_id, account_id, is_internal_account, first_trained_at, all_states,
        -- A period that begins before or when the one before it ends, after its pause, goes on with it.
        arrayZip(
            arrayFilter((start, i) -> i = 1 OR start > ends_so_far[i - 1], starts, arrayEnumerate(starts)),
            arrayFilter(
                (end, i) -> i = length(starts) OR starts[i + 1] > end,
                ends_so_far,
                arrayEnumerate(ends_so_far))) AS active_periods,
{{part:pieces_of_periods}};
