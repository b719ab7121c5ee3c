-- As changes_of_events, with more types of events: up to which as-of time values stay what they are without them. Part of a migration: never edited.
-- Spend changes what lies before it, by its period, and may replace a record of another one; a margin changes from its own instant
-- on. What an account states of itself for all of history (domain, channel, whether it was imported) shows at closed points with
-- the next generation.
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
WHERE retracts IS NOT NULL OR event_type IN (
    'account.created', 'billing.dispute_lost', 'billing.invoice_paid', 'billing.refund_issued', 'billing.subscription_ended',
    'billing.subscription_started', 'billing.subscription_updated', 'crm.lead_created', 'crm.opportunity_won',
    'fx.rate_published', 'lms.assessment_submitted', 'lms.course_completed', 'lms.course_enrolled', 'lms.course_started',
    'lms.course_unenrolled', 'lms.lesson_completed', 'margin.set', 'marketing.spend_recorded', 'onboarding.completed',
    'onboarding.started', 'product.action_performed', 'referral.sent', 'support.ticket_created', 'support.ticket_invalidated',
    'survey.response_submitted')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand
