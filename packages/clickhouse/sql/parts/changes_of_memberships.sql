-- Of stretches of memberships: from when on they change values. Part of a migration: never edited. What is retracted is noted already.
SELECT
    tenant_id,
    events.event_type AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    min(if(source_version != 0, toInt64(-9000000000000000), toUnixTimestamp64Milli(occurred_at))) AS changed_from
FROM {{database}}.events
WHERE retracts IS NULL AND event_type IN ('user.joined_account', 'user.left_account')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand
