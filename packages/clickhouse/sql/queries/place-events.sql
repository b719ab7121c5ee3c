-- effective_events as in follow-merges.sql, where what names a user and no account is of the account to which the user belonged
-- (KPI_SPEC 7.1.5). Only where there is such an event: it costs every question the planning of more subqueries.
CREATE OR REPLACE VIEW {{database}}.effective_events AS
WITH
(
    SELECT (accounts.2, accounts.3, users.2, users.3, stay_users, stay_texts)
    FROM {{database}}.merged_and_placed_subjects(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
) AS merged
SELECT
    tenant_id, source, event_id, event_type, schema_version, source_event_type, source_version,
    occurred_at, toUnixTimestamp64Milli(occurred_at) AS at, received_at,
    multiIf(
        events.account_id != '' AND empty(merged.1), events.account_id,
        events.account_id != '', transform(concat(tenant_id, '\x1F', events.account_id), merged.1, merged.2, events.account_id),
        events.user_id = '' OR empty(merged.5), '',
        substring(
            arrayLast(
                change -> change != '' AND toInt64(substring(change, 1, 15)) <= at,
                splitByChar('\x1E', transform(concat(tenant_id, '\x1F', user_id), merged.5, merged.6, ''))),
            16)) AS account_id,
{{part:named_events}}
