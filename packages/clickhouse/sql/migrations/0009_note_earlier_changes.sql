-- What was inserted before event_changes was: so that it tells of a tenant without events, and when the first one was. Noting a
-- change twice is noting it once.
INSERT INTO {{database}}.event_changes (tenant_id, event_type, _topic, _partition, offset_thousand, last_offset, changed_from)
SELECT
    tenant_id,
    if(retracts IS NULL, events.event_type, '') AS event_type,
    _topic,
    _partition,
    intDiv(_offset, 1000) AS offset_thousand,
    max(_offset) AS last_offset,
    min(multiIf(
        retracts IS NOT NULL OR source_version != 0, toInt64(-9000000000000000),
        events.event_type = 'support.ticket_invalidated', toInt64(-9000000000000000),
        events.event_type = 'account.created' AND ifNull(is_internal, false), toInt64(-9000000000000000),
        events.event_type = 'fx.rate_published',
        ifNull(toInt64(toDate32OrNull(date)) * 86400000, toInt64(-9000000000000000)),
        toUnixTimestamp64Milli(occurred_at))) AS changed_from
FROM {{database}}.events
WHERE retracts IS NOT NULL OR event_type IN (
    'account.created', 'billing.dispute_lost', 'billing.invoice_paid', 'billing.refund_issued', 'billing.subscription_ended',
    'billing.subscription_started', 'billing.subscription_updated', 'fx.rate_published', 'lms.assessment_submitted',
    'lms.course_completed', 'lms.course_enrolled', 'lms.course_started', 'lms.course_unenrolled', 'lms.lesson_completed',
    'support.ticket_created', 'support.ticket_invalidated', 'survey.response_submitted')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand;
