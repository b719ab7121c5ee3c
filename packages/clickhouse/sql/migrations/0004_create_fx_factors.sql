-- What turns a sum in minor units of a currency into minor units of the reporting currency, from one day to the next
-- (KPI_SPEC 7.5): sum * numerator / denominator, to be rounded half-even. Exact: rates are scaled by 1e10, the decimals of
-- both currencies (ISO 4217) are part of the factor. One row per currency: factors holds (day, numerator, denominator), each
-- for its day and all days until the next.
--   reporting_currency  String  ISO 4217; has no row itself
-- A published rate of the pair itself holds from its date on; without one on or before a day the inverse pair is used, if
-- there is one. A rate that was stated twice for a date: the last by (occurred_at, event_id).
CREATE VIEW IF NOT EXISTS {{database}}.fx_factors AS
WITH
-- Minor units in one major unit.
currency_code -> [toInt256(1), 10, 100, 1000, 10000][1 + transform(currency_code,
    ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF',
    'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW'],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 4, 4], 2)] AS minor_units,
rates AS
(
    SELECT
        tenant_id,
        assumeNotNull(if(quote = {reporting_currency:String}, base, quote)) AS other_currency,
        assumeNotNull(quote = {reporting_currency:String}) AS is_direct,
        assumeNotNull(toDate32OrNull(date)) AS day,
        argMax(
            toInt256(assumeNotNull(toDecimal128OrNull(rate, 10)) * toDecimal128('10000000000', 0)),
            (at, event_id, source)) AS scaled
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['fx.rate_published'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE (base = {reporting_currency:String} OR quote = {reporting_currency:String})
        AND base != quote
        AND toDate32OrNull(date) IS NOT NULL
        AND toDecimal128OrNull(rate, 10) > 0
    GROUP BY tenant_id, other_currency, is_direct, day
),
currencies AS
(
    SELECT
        tenant_id,
        other_currency,
        arraySort(groupArrayIf(
            (day, scaled * minor_units({reporting_currency:String}), toInt256(10000000000) * minor_units(other_currency)),
            is_direct)) AS direct,
        arraySort(groupArrayIf(
            (day, toInt256(10000000000) * minor_units({reporting_currency:String}), scaled * minor_units(other_currency)),
            NOT is_direct)) AS inverse
    FROM rates
    GROUP BY tenant_id, other_currency
)
SELECT
    tenant_id,
    other_currency AS currency,
    arrayConcat(if(empty(direct), inverse, arrayFilter(f -> f.1 < direct[1].1, inverse)), direct) AS factors
FROM currencies;
