-- Sums of `days` (currency_code, day, …), each with the factor of its currency and day.
SELECT days.*, arrayLast(f -> f.1 <= day, rates.factors) AS factor
FROM days
LEFT JOIN (SELECT currency, factors FROM ({{units:fx_factors}})) AS rates ON days.currency_code = rates.currency
