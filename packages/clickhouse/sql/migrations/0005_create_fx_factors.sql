-- What turns a sum in minor units of a currency into minor units of the reporting currency, from one day to the next
-- (KPI_SPEC 7.5): sum * numerator / denominator, to be rounded half-even. Exact: rates are scaled by 1e10, the decimals of
-- both currencies (ISO 4217) are part of the factor.
--   reporting_currency  String  ISO 4217
-- A published rate of the pair itself holds from its date on; before the first one the inverse pair is used, if there is one.
-- A rate that was stated twice for a date: the last by (occurred_at, event_id).
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
        assumeNotNull(base) AS base,
        assumeNotNull(quote) AS quote,
        assumeNotNull(toDate32OrNull(date)) AS day,
        argMax(toInt256(assumeNotNull(toDecimal128OrNull(rate, 10)) * toDecimal128('10000000000', 0)), (at, event_id)) AS scaled
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['fx.rate_published'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE (base = {reporting_currency:String} OR quote = {reporting_currency:String})
        AND base != quote
        AND toDate32OrNull(date) IS NOT NULL
        AND toDecimal128OrNull(rate, 10) > 0
    GROUP BY tenant_id, base, quote, day
),
sides AS
(
    SELECT
        tenant_id,
        if(quote = {reporting_currency:String}, base, quote) AS currency,
        quote = {reporting_currency:String} AS is_direct,
        day,
        scaled
    FROM rates
),
firsts AS
(
    SELECT tenant_id, currency, minIf(day, is_direct) AS first_day, countIf(is_direct) > 0 AS has_direct
    FROM sides
    GROUP BY tenant_id, currency
)
SELECT
    sides.tenant_id AS tenant_id,
    sides.currency AS currency,
    sides.day AS day,
    if(is_direct, scaled, toInt256(10000000000)) * minor_units({reporting_currency:String}) AS numerator,
    if(is_direct, toInt256(10000000000), scaled) * minor_units(sides.currency) AS denominator
FROM sides
INNER JOIN firsts ON firsts.tenant_id = sides.tenant_id AND firsts.currency = sides.currency
WHERE is_direct OR NOT has_direct OR day < first_day;
