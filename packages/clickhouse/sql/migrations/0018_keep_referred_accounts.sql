-- Units of referral_rate.conversion, kept as those in 0008. They are made of the events of referral_rate.
CREATE TABLE IF NOT EXISTS {{database}}.kept_referred_accounts
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `referred_at` Int64,
    `customer_since` Int64,
    `plan` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `referred_at`);
