-- Sums of `days` (currency_code, day, …), each with the factor of its currency and day.
SELECT days.*, rates.factor AS factor
FROM days
ASOF LEFT JOIN {{part:rates_by_day}} AS rates ON days.currency_code = rates.currency AND toInt32(days.day) >= rates.rated_from
