-- What becomes a row of merge_records. Part of a migration: never edited.
SELECT
    tenant_id,
    source,
    event_id,
    source_version,
    received_at,
    occurred_at,
    if(retracts IS NULL, if(events.event_type = 'account.merged', 'account', 'user'), '') AS kind,
    if(retracts IS NULL, ifNull(if(kind = 'account', from_account_id, from_user_id), ''), '') AS subject,
    if(retracts IS NULL, ifNull(if(kind = 'account', into_account_id, into_user_id), ''), '') AS into,
    ifNull(retracts, '') AS target,
    _topic,
    _partition,
    _offset
FROM {{database}}.events
WHERE retracts IS NOT NULL OR event_type IN ('account.merged', 'user.merged')
