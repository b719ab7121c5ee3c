        arrayFilter(instant -> instant < 253402300800000, instants) AS changes,
        open_states.5 AS open_froms,
        open_states.6 AS open_tos,
        arrayDistinct(arrayPushFront(open_states.4, '(none)')) AS names,
        arrayPushFront(arrayMap(name -> indexOf(names, name), open_states.4), 1) AS open_names,
        -- Index 0 of open_states, which is the first of open_names: nothing is open.
        arrayMap(
            instant -> open_names[1 + arrayFirstIndex((f, u) -> f <= instant AND instant < u, open_froms, open_tos)],
            changes) AS name_at,
        arrayFilter(
            (instant, name, before) -> name != before,
            changes,
            name_at,
            arrayResize(arrayPushFront(name_at, 0), length(name_at))) AS plan_instants,
        arrayMap(name -> names[name], arrayCompact(name_at)) AS plan_names,
        arrayPushFront({tenure_edges:Array(Int64)}, 0) AS bucket_starts,
        arrayMap(
            start -> concat(toString(start / 86400000), if(start = bucket_starts[-1], '+', concat('-', toString(
                arrayFirst(edge -> edge > start, {tenure_edges:Array(Int64)}) / 86400000)))),
            bucket_starts) AS buckets,
        arrayMap(
            period -> arraySort(arrayDistinct(arrayConcat(
                [period.1, period.2],
                arrayFilter(cut -> period.1 < cut AND cut < period.2, arrayConcat(
                    [first_trained_at],
                    arrayMap(edge -> period.1 + edge, {tenure_edges:Array(Int64)}),
                    plan_instants))))),
            active_periods) AS cuts_of_periods
    FROM levelled
)
SELECT
    tenant_id,
    account_id,
    is_internal_account AS is_internal,
    all_states AS states,
    active_periods AS periods,
    arrayZip(plan_instants, plan_names) AS plans,
    first_trained_at AS trained_at,
    arrayFlatten(arrayMap(
        (period, cuts) -> arrayMap(
            (piece_from, piece_to) -> (
                piece_from,
                piece_to,
                if(first_trained_at <= piece_from, 'true', 'false'),
                buckets[arrayLastIndex(start -> start <= piece_from - period.1, bucket_starts)],
                plan_names[arrayLastIndex(instant -> instant <= piece_from, plan_instants)]),
            arrayPopBack(cuts),
            arrayPopFront(cuts)),
        active_periods,
        cuts_of_periods)) AS pieces
FROM timed
