-- Factors of fx_factors, one row for each day of a rate: for an ASOF join, because a row of a join holds the whole list of its currency.
(
    SELECT currency, toInt32(f.1) AS rated_from, f AS factor
    FROM ({{units:fx_factors}})
    ARRAY JOIN factors AS f
)
