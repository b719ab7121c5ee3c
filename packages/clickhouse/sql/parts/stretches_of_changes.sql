SELECT
    tenant_id,
    if(retracts IS NULL, events.event_type, '') AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    min(multiIf(
        retracts IS NOT NULL OR source_version != 0, toInt64(-9000000000000000),
        events.event_type IN ('support.ticket_invalidated', 'marketing.spend_recorded'), toInt64(-9000000000000000),
        events.event_type = 'account.created' AND ifNull(is_internal, false), toInt64(-9000000000000000),
        events.event_type = 'fx.rate_published',
        ifNull(toInt64(toDate32OrNull(date)) * 86400000, toInt64(-9000000000000000)),
        events.event_type = 'margin.set',
        ifNull(toUnixTimestamp64Milli(valid_from) - 1, toInt64(-9000000000000000)),
        toUnixTimestamp64Milli(occurred_at))) AS changed_from
FROM {{database}}.events
