-- Refunds and lost disputes may be dated when what they take back was paid: then they are known from later on.
ALTER TABLE {{database}}.kept_sales_growth_rate ADD COLUMN IF NOT EXISTS `known_from` Int64 DEFAULT at;
ALTER TABLE {{database}}.kept_clv_formula ADD COLUMN IF NOT EXISTS `known_from` Int64 DEFAULT from_at;
ALTER TABLE {{database}}.kept_clv_observed ADD COLUMN IF NOT EXISTS `known_from` Int64 DEFAULT from_at;
