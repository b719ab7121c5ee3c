-- effective_events as in 0002, with the accounts and users that were merged named by their roots. Only where there are merges: it costs
-- every question the planning of one more subquery.
CREATE OR REPLACE VIEW {{database}}.effective_events AS
WITH
(
    SELECT (accounts.2, accounts.3, users.2, users.3)
    FROM {{database}}.merged_subjects(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
) AS merged
SELECT
    tenant_id, source, event_id, event_type, schema_version, source_event_type, source_version,
    occurred_at, toUnixTimestamp64Milli(occurred_at) AS at, received_at,
    if(empty(merged.1), events.account_id,
        transform(concat(tenant_id, '\x1F', events.account_id), merged.1, merged.2, events.account_id)) AS account_id,
{{part:named_events}}
