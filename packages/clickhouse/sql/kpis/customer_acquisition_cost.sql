-- customer_acquisition_cost (KPI_SPEC 2.2, 7.4, 7.5): spend of [t - W - lag, t - lag), and accounts that became customers in [t - W, t).
--   as_of (ms), window_ms, acquisition_lag_ms, by, filter, reporting_currency
--   units: units/customer_acquisition_cost.sql, units/fx_factors.sql
-- Dimensions plan, channel: of the new account; of spend its channel only, so that by plan all spend stands against each. Each
-- record's part inside the window is rounded half-even to a minor unit; one sum per currency and UTC day of recording, at the rate
-- of that day, rounded half-even. Counts: spans (from, to] of as-of times; their edges, one up, one down, add up to the count at t.
WITH
{{part:money}},
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
edges AS
(
    SELECT
        arrayMap(d -> if(d = 'plan', {{by:plan}}, {{by:channel}}), {by:Array(String)}) AS group,
        {{by:channel}} AS by_channel,
        kind,
        edge.1 AS cell,
        toInt64(sum(edge.2)) AS more
    FROM ({{units:customer_acquisition_cost}})
    ARRAY JOIN [
        (roundDown(if(kind = 'new', from_at, from_at + {acquisition_lag_ms:Int64}), grid), 1),
        (roundDown(
            if(kind = 'new',
                least(to_at, since_at + {window_ms:Int64}),
                to_at + {acquisition_lag_ms:Int64} + {window_ms:Int64} - 1),
            grid), -1)] AS edge
    WHERE if(kind = 'new', from_at < least(to_at, since_at + {window_ms:Int64}), from_at < to_at)
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'channel')
            OR has({filter:Map(String, Array(String))}['channel'], channel))
    GROUP BY group, by_channel, kind, cell
),
counted AS
(
    SELECT
        t,
        group,
        by_channel,
        sumIf(more, kind = 'new') AS new_accounts,
        sumIf(more, kind = 'spend') AS spend_records
    FROM edges
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, group, by_channel
    HAVING new_accounts > 0 OR spend_records > 0
),
parts AS
(
    SELECT
        t - {acquisition_lag_ms:Int64} AS end_at,
        t AS of_t,
        {{by:channel}} AS of_channel,
        currency_code,
        toDate32(fromUnixTimestamp64Milli(since_at, 'UTC')) AS day,
        toInt256(least(to_at, end_at) - greatest(from_at, end_at - {window_ms:Int64})) AS overlap,
        sum(divide_half_even(toInt256(amount) * overlap, toInt256(to_at - from_at))) AS spent
    FROM ({{units:customer_acquisition_cost}})
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE kind = 'spend'
        AND from_at < to_at
        AND overlap > 0
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'channel')
            OR has({filter:Map(String, Array(String))}['channel'], channel))
    GROUP BY of_t, end_at, of_channel, currency_code, day, overlap
),
days AS
(
    SELECT of_t, of_channel, currency_code, day, sum(spent) AS spent
    FROM parts
    GROUP BY of_t, of_channel, currency_code, day
),
spends AS
(
    SELECT
        of_t,
        of_channel,
        sum(convert(days.spent, currency_code, rates.factor)) AS spend,
        countIf(days.spent != 0 AND currency_code != {reporting_currency:String} AND rates.factor.3 = 0) AS no_fx_rate
    FROM days
    ASOF LEFT JOIN {{part:rates_by_day}} AS rates
        ON days.currency_code = rates.currency AND toInt32(days.day) >= rates.rated_from
    GROUP BY of_t, of_channel
)
SELECT
    toString(t) AS as_of,
    group,
    toString(spends.spend) AS spend,
    toString(counted.new_accounts) AS new_accounts,
    toString(counted.spend_records) AS spend_records,
    toString(spends.no_fx_rate) AS no_fx_rate
FROM counted
LEFT JOIN spends ON counted.t = spends.of_t AND counted.by_channel = spends.of_channel
ORDER BY t, group
