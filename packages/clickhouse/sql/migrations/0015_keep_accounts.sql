-- The lives of accounts, which the units of most KPIs are cut by: kept first of a generation, so that they are derived once and not
-- for every KPI. Columns and times as in account_histories (0003), where neither training nor tenure matter.
CREATE TABLE IF NOT EXISTS {{database}}.kept_accounts
(
    `generation` UUID,
    `tenant_id` LowCardinality(String),
    `account_id` String,
    `is_internal` Bool,
    -- (from, to, mrr_minor, currency, plan, subscription_id, source)
    `states` Array(Tuple(Int64, Int64, Int64, String, String, String, String)),
    `periods` Array(Tuple(Int64, Int64)),
    `plans` Array(Tuple(Int64, String)),
    -- (from, to, trained, tenure, plan), cut by plan alone
    `pieces` Array(Tuple(Int64, Int64, String, String, String))
)
ENGINE = MergeTree
PARTITION BY `generation`
ORDER BY (`tenant_id`, `account_id`);
