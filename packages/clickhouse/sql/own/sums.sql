-- A declared KPI of sums (core own-kpi.ts): what each of its measures holds in [t - W, t), as (as_of, group, curve).
--   as_of (ms), window_ms, by, filter, reporting_currency, dimension_names; parts/own_events.sql, parts/own_filters.sql
--   Per measure: measure_names, measure_types, measure_entities ('', 'account', 'user': counted once per such entity),
--   measure_adds ('one', 'value', 'square', 'beyond'), measure_fields (the place in texts of the value, 1: none), measure_limits
--   (of the value), measure_money (values are minor units, or the measure counts events that have them), currency_field
-- Every event is a span (at, at + W] of as-of times; those that hold the same as-of times are added up first, an entity's are
-- united. Money is converted once per group, currency and UTC day at that day's rate; events without a rate are counted.
WITH
{{part:money}},
arraySort(arrayConcat([toInt64(-9000000000000000)], {as_of:Array(Int64)})) AS grid,
events AS
(
    {{part:own_events}}
),
placed AS
(
    SELECT
        m,
        dims,
        multiIf(
            {measure_entities:Array(String)}[m] = 'account', (account_id, ''),
            {measure_entities:Array(String)}[m] = 'user', (account_id, user_id),
            ('', '')) AS entity,
        {measure_entities:Array(String)}[m] != '' AS is_united,
        ifNull(if(match(ifNull(stated, ''), '^-?[0-9]{1,15}$'), toInt64OrNull(ifNull(stated, '')), NULL), 0) AS value,
        if({measure_money:Array(UInt8)}[m] = 1, ifNull(texts[{currency_field:UInt16}], ''), '') AS currency_code,
        if({measure_money:Array(UInt8)}[m] = 1, toDate32(fromUnixTimestamp64Milli(at, 'UTC')), toDate32(0)) AS day,
        texts[{measure_fields:Array(UInt16)}[m]] AS stated,
        at
    FROM events
    ARRAY JOIN arrayEnumerate({measure_names:Array(String)}) AS m
    WHERE {{part:own_filters}}
        AND ({measure_entities:Array(String)}[m] = '' OR account_id != '')
        AND ({measure_entities:Array(String)}[m] != 'user' OR user_id != '')
        AND ({measure_fields:Array(UInt16)}[m] = 1 OR match(ifNull(stated, ''), '^-?[0-9]{1,15}$'))
        AND ({measure_fields:Array(UInt16)}[m] = 1
            OR (abs(value) > {measure_limits:Array(Int64)}[m]) = ({measure_adds:Array(String)}[m] = 'beyond'))
        AND arrayAll(
            (name, dim) -> NOT mapContains({filter:Map(String, Array(String))}, name)
                OR has({filter:Map(String, Array(String))}[name], dim),
            {dimension_names:Array(String)},
            dims)
),
cells AS
(
    SELECT
        m,
        arrayMap(name -> dims[indexOf({dimension_names:Array(String)}, name)], {by:Array(String)}) AS group,
        entity,
        any(is_united) AS unites,
        currency_code,
        day,
        roundDown(at, grid) AS from_cell,
        roundDown(at + {window_ms:Int64}, grid) AS to_cell,
        if(unites, toInt256(1), sum(toInt256(multiIf(
            {measure_adds:Array(String)}[m] = 'value', value,
            {measure_adds:Array(String)}[m] = 'square', value * value,
            1)))) AS amount
    FROM placed
    GROUP BY m, group, entity, currency_code, day, from_cell, to_cell
    HAVING from_cell < to_cell
),
united AS
(
    SELECT
        m, group, currency_code, day, amount, to_cell,
        -- Until when an earlier event of the entity counts: what is added and taken away again makes the "0" of no earlier one
        -- earlier than any time.
        if(unites,
            greatest(from_cell, max(to_cell + 9000000000000000) OVER (
                PARTITION BY m, group, entity ORDER BY from_cell, to_cell
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - 9000000000000000),
            from_cell) AS start_cell
    FROM cells
),
edges AS
(
    SELECT m, group, currency_code, day, edge.1 AS cell, sum(toInt256(edge.2) * amount) AS more
    FROM united
    ARRAY JOIN [(start_cell, 1), (to_cell, -1)] AS edge
    WHERE start_cell < to_cell
    GROUP BY m, group, currency_code, day, cell
),
days AS
(
    SELECT t, m, group, currency_code, day, sum(more) AS amount_at
    FROM edges
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE cell < t
    GROUP BY t, m, group, currency_code, day
    HAVING amount_at != 0
),
rated AS
(
    {{part:rated_days}}
),
components AS
(
    SELECT t, group, line.1 AS component, sum(line.2) AS total
    FROM
    (
        SELECT
            t,
            group,
            {measure_names:Array(String)}[m] AS name,
            {measure_money:Array(UInt8)}[m] = 1 AS is_money,
            {measure_adds:Array(String)}[m] = 'value' AS is_value,
            currency_code != {reporting_currency:String} AND factor.3 = 0 AS has_no_rate,
            if(is_money AND is_value, convert(amount_at, currency_code, factor), amount_at) AS converted,
            if(is_money AND NOT is_value AND has_no_rate,
                [(name, converted), ('no_fx_rate', converted)],
                [(name, converted)]) AS lines
        FROM rated
    )
    ARRAY JOIN lines AS line
    GROUP BY t, group, component
)
SELECT
    toString(t) AS as_of,
    group,
    mapFromArrays(groupArray(component), groupArray(toString(total))) AS curve
FROM components
GROUP BY t, group
ORDER BY t, group
