-- Rates into the reporting currency, as the view fx_factors has them.
--   tenants (empty means all), offset_bound, reporting_currency
SELECT tenant_id, currency, factors
FROM {{database}}.fx_factors(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)},
    reporting_currency = {reporting_currency:String})
