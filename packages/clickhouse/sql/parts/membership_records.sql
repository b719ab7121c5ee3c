-- What becomes a row of membership_records. Part of a migration: never edited.
SELECT
    tenant_id,
    source,
    event_id,
    source_version,
    received_at,
    toUnixTimestamp64Milli(occurred_at) AS at,
    events.event_type = 'user.joined_account' AS is_join,
    user_id,
    account_id,
    _topic,
    _partition,
    _offset
FROM {{database}}.events
WHERE NOT is_retraction AND event_type IN ('user.joined_account', 'user.left_account')
