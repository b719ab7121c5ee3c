-- Rounding half to even, and conversion by a factor of fx_factors.
(n, d) -> sign(n) * (intDiv(abs(n), d) + if(2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND intDiv(abs(n), d) % 2 = 1), 1, 0))
    AS divide_half_even,
-- A sum in the reporting currency, 0 without a rate.
(amount, currency, factor) -> multiIf(
    currency = {reporting_currency:String}, amount,
    factor.3 = 0, toInt256(0),
    divide_half_even(amount * factor.2, if(factor.3 = 0, toInt256(1), factor.3))) AS convert
