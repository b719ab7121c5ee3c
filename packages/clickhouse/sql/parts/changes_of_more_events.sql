-- As changes_of_events, with more types of events: up to which as-of time values stay what they are without them. Part of a migration: never edited.
-- Spend changes what lies before it, by its period, and may replace a record of another one; a margin changes from its own instant
-- on. What an account states of itself for all of history (domain, channel, whether it was imported) shows at closed points with
-- the next generation.
{{part:stretches_of_changes}}
WHERE retracts IS NOT NULL OR event_type IN (
    'account.created', 'billing.dispute_lost', 'billing.invoice_paid', 'billing.refund_issued', 'billing.subscription_ended',
    'billing.subscription_started', 'billing.subscription_updated', 'crm.lead_created', 'crm.opportunity_won',
    'fx.rate_published', 'lms.assessment_submitted', 'lms.course_completed', 'lms.course_enrolled', 'lms.course_started',
    'lms.course_unenrolled', 'lms.lesson_completed', 'margin.set', 'marketing.spend_recorded', 'onboarding.completed',
    'onboarding.started', 'product.action_performed', 'referral.sent', 'support.ticket_created', 'support.ticket_invalidated',
    'survey.response_submitted')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand
