followed AS
(
    -- Of several events of a subscription at one instant the last one holds.
    SELECT
        tenant_id, account_id, source, event_id, at, is_internal, trains, subscription, next_at, mrr, currency_code,
        plan_name, is_pause,
        subscription != '' AND at < next_at AS is_state,
        lagInFrame(if(mrr > 0, next_at, -1), 1, -1) OVER (
            PARTITION BY tenant_id, account_id, source, subscription, is_state ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS open_until,
        -- A pause begins with the update that closes an open subscription, and ends with what is no such update.
        is_pause AND open_until = at AS begins_pause,
        ifNull(min(if(is_pause, NULL, at)) OVER (
            PARTITION BY tenant_id, account_id, source, subscription, is_state ORDER BY at
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 253402300800000) AS pause_until
    FROM source_events
),
opened AS
(
    -- open_since: the start of the subscription's current stretch of MRR above 0.
    SELECT
        tenant_id, account_id, source, event_id, at, is_internal, trains, subscription, next_at, mrr, currency_code,
        plan_name, begins_pause, pause_until, is_state,
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
        groupArrayIf(
            (at, least(at + {pause_limit:Int64}, pause_until)),
            is_state AND begins_pause AND {pause_limit:Int64} > 0) AS pauses,
        arraySort(arrayDistinct(arrayConcat(groupUniqArrayArrayIf([at, next_at], is_state), pauses.2))) AS instants
    FROM opened
    GROUP BY tenant_id, account_id
),
levelled AS
(
    SELECT
        tenant_id, account_id, is_internal_account, first_trained_at, all_states, open_states, instants,
        all_states.1 AS froms,
        all_states.2 AS tos,
        all_states.3 AS mrrs,
        pauses.1 AS pause_froms,
        pauses.2 AS pause_tos,
        arrayMap(
            instant -> arraySum((f, u, mrr) -> if(f <= instant AND instant < u, mrr, 0), froms, tos, mrrs) > 0
                OR arrayExists((f, u) -> f <= instant AND instant < u, pause_froms, pause_tos),
            instants) AS is_active,
        arrayResize(arrayPushFront(is_active, 0), length(is_active)) AS was_active,
        -- The last instant is always inactive: a state that has not ended ends in the year 10000.
        arrayZip(
            arrayFilter((instant, active, before) -> active AND NOT before, instants, is_active, was_active),
            arrayFilter((instant, active, before) -> before AND NOT active, instants, is_active, was_active)) AS active_periods
    FROM grouped
),
timed AS
(
    SELECT
        tenant_id, account_id, is_internal_account, first_trained_at, all_states, active_periods,
{{part:pieces_of_periods}}
