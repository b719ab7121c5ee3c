import { type EventEnvelope, type EventOf, type EventType, SCHEMA_VERSIONS } from '@kpi/core';

/** Envelope fields with a default. All events of the tests belong to one tenant unless they say otherwise. */
const ENVELOPE = {
  tenant_id: 'acme',
  account_id: null,
  user_id: null,
  source: 'test',
  source_version: 0,
  retracts: null,
  received_at: 0,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'none',
  external_ids: {},
  attributes: {},
} as const satisfies Partial<EventEnvelope>;

const RUN = { course_id: 'basics', course_version: null } as const;
const STEP = { ...RUN, lesson_id: null, progress: 0 } as const;
const SUBSCRIPTION = {
  subscription_id: 'main',
  product_id: 'app',
  plan_id: 'pro',
  mrr_minor: 100_00,
  currency: 'EUR',
  quantity: 1,
  cancel_at: null,
} as const;
const REVERSAL = { invoice_id: 'invoice', amount_minor: 100_00, currency: 'EUR' } as const;

/** Properties of the event types that KPIs read, as the commonest event has them. */
const PROPERTIES = {
  'user.merged': { from_user_id: 'from', into_user_id: 'into' },
  'account.merged': { from_account_id: 'from', into_account_id: 'into' },
  'account.created': {
    account_name: null,
    plan: null,
    source_channel: null,
    is_internal: null,
    domain: null,
    imported: null,
  },
  'billing.subscription_started': SUBSCRIPTION,
  'billing.subscription_updated': { ...SUBSCRIPTION, change_reason: null },
  'billing.subscription_ended': {
    subscription_id: 'main',
    product_id: null,
    plan_id: null,
    mrr_minor: null,
    currency: null,
    quantity: null,
    ended_reason: null,
    cancel_at: null,
  },
  'billing.invoice_paid': {
    invoice_id: 'invoice',
    amount_net_minor: 100_00,
    tax_minor: 0,
    currency: 'EUR',
    period_start: 0,
    period_end: 0,
    purchase_count: 1,
    subscription_id: null,
  },
  'billing.refund_issued': REVERSAL,
  'billing.dispute_lost': REVERSAL,
  'onboarding.started': { flow_id: 'onboarding', step: null },
  'onboarding.completed': { flow_id: 'onboarding', step: null },
  'referral.sent': {
    referral_id: 'referral',
    invitee_hash: 'invitee',
    invitee_domain: 'elsewhere.example',
    referred_account_id: null,
  },
  'marketing.spend_recorded': {
    spend_id: 'spend',
    amount_minor: 100_00,
    currency: 'EUR',
    period_start: 0,
    period_end: 1,
    kind: 'marketing',
    channel: 'ads',
  },
  'crm.lead_created': { channel: 'ads', amount_minor: null, currency: null },
  'margin.set': { margin: '0.3', valid_from: 0 },
  'fx.rate_published': { base: 'USD', quote: 'EUR', rate: '1', date: '1970-01-01' },
  'lms.course_enrolled': {
    course_id: 'basics',
    course_version: '1',
    enrolment_id: 'enrolment',
    price_minor: null,
    currency: null,
  },
  'lms.course_started': STEP,
  'lms.lesson_completed': STEP,
  'lms.assessment_submitted': { ...RUN, assessment_id: null, score_scaled: 1, passed: true },
  'lms.course_completed': { ...RUN, success: null, score_scaled: null, manual: false },
  'lms.course_unenrolled': { ...RUN, reason: 'no time' },
  'support.ticket_created': {
    ticket_id: 'ticket',
    channel: 'email',
    requester_user_id: 'requester',
    priority: null,
    category: null,
    is_customer_initiated: true,
    incident_id: null,
    is_support: true,
  },
  'support.ticket_updated': {
    ticket_id: 'ticket',
    field: 'account_id',
    from: null,
    to: null,
    from_account_id: null,
    into_account_id: null,
  },
  'support.ticket_invalidated': { ticket_id: 'ticket', reason: 'spam', merged_into: null },
  'survey.response_submitted': {
    survey_id: 'csat',
    instance_id: 'instance',
    question_id: 'q1',
    kind: 'csat',
    score: 5,
    scale_min: 1,
    scale_max: 5,
    direction: null,
    context: 'general',
    subject_id: null,
  },
  'subject.erased': {},
  'user.joined_account': { role: null },
  'user.left_account': { role: null },
  'product.action_performed': { action: 'open', feature: null, is_value_event: false },
} as const satisfies { readonly [T in EventType]?: Omit<EventOf<T>, keyof EventEnvelope> };

/** Types of events that {@link event} builds. */
export type BuiltType = keyof typeof PROPERTIES;

/** What an event must say for itself; everything else has a default. */
type Fields<T extends BuiltType> = Pick<EventEnvelope, 'event_id' | 'occurred_at'> &
  Partial<Omit<EventOf<T>, 'event_type' | 'schema_version'>>;

/** A complete event of a type; fields that are not given have the defaults of this file. */
export function event<T extends BuiltType>(type: T, fields: Fields<T>): EventOf<T> {
  const whole: unknown = {
    ...ENVELOPE,
    ...PROPERTIES[type],
    ...fields,
    event_type: type,
    schema_version: SCHEMA_VERSIONS[type],
  };
  // oxlint-disable-next-line no-unsafe-type-assertion -- PROPERTIES and ENVELOPE are checked to be complete
  return whole as EventOf<T>;
}
