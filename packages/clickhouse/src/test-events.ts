import { type EventEnvelope, type EventOf, type EventType, type KpiEvent, days } from '@kpi/core';

/** Start of the time axis of the tests: 2026-01-01T00:00:00Z. */
const START_MS = Date.UTC(2026, 0, 1);

/** Day `n` of the tests as ms since the epoch. */
export function day(n: number): number {
  return START_MS + days(n);
}

type Envelope = Partial<Omit<EventEnvelope, 'event_type'>>;
type Given<T extends EventType, Required extends keyof EventOf<T>> = Envelope &
  Pick<EventOf<T>, Required> &
  Partial<Omit<EventOf<T>, 'event_type'>>;

let count = 0;

function envelope(at: number): Omit<EventEnvelope, 'event_type'> {
  count += 1;
  return {
    event_id: `e${String(count).padStart(6, '0')}`,
    occurred_at: at,
    tenant_id: 'default',
    account_id: null,
    user_id: null,
    source: 'test',
    source_version: 0,
    retracts: null,
    received_at: at,
    schema_version: 1,
    source_event_type: null,
    anonymous_id: null,
    pii_class: 'none',
    external_ids: {},
    attributes: {},
  };
}

/** An account was created on day `at`; every builder below takes the day and what is worth saying. */
export function accountCreated(
  at: number,
  given: Given<'account.created', 'account_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'account.created',
    account_name: null,
    plan: null,
    source_channel: null,
    is_internal: null,
    domain: null,
    imported: null,
    ...given,
  };
}

export function enrolled(
  at: number,
  given: Given<'lms.course_enrolled', 'user_id' | 'course_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'lms.course_enrolled',
    course_version: '1',
    enrolment_id: `enrolment-${count}`,
    price_minor: null,
    currency: null,
    ...given,
  };
}

export function joined(at: number, given: Given<'user.joined_account', 'user_id'>): KpiEvent {
  return { ...envelope(day(at)), event_type: 'user.joined_account', role: null, ...given };
}

export function left(at: number, given: Given<'user.left_account', 'user_id'>): KpiEvent {
  return { ...envelope(day(at)), event_type: 'user.left_account', role: null, ...given };
}

export function completed(
  at: number,
  given: Given<'lms.course_completed', 'user_id' | 'course_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'lms.course_completed',
    course_version: null,
    success: null,
    score_scaled: null,
    manual: false,
    ...given,
  };
}

export function unenrolled(
  at: number,
  given: Given<'lms.course_unenrolled', 'user_id' | 'course_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'lms.course_unenrolled',
    course_version: null,
    reason: 'left',
    ...given,
  };
}

export function lessonCompleted(
  at: number,
  given: Given<'lms.lesson_completed', 'user_id' | 'course_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'lms.lesson_completed',
    course_version: null,
    lesson_id: null,
    progress: 0.5,
    ...given,
  };
}

export function subscribed(
  at: number,
  given: Given<'billing.subscription_started', 'account_id' | 'subscription_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'billing.subscription_started',
    product_id: 'suite',
    plan_id: 'pro',
    mrr_minor: 1_000,
    currency: 'EUR',
    quantity: 1,
    cancel_at: null,
    ...given,
  };
}

export function subscriptionUpdated(
  at: number,
  given: Given<'billing.subscription_updated', 'account_id' | 'subscription_id' | 'mrr_minor'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'billing.subscription_updated',
    product_id: 'suite',
    plan_id: 'pro',
    currency: 'EUR',
    quantity: 1,
    cancel_at: null,
    change_reason: null,
    ...given,
  };
}

export function subscriptionEnded(
  at: number,
  given: Given<'billing.subscription_ended', 'account_id' | 'subscription_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'billing.subscription_ended',
    product_id: null,
    plan_id: null,
    mrr_minor: null,
    currency: null,
    quantity: null,
    ended_reason: 'voluntary',
    cancel_at: null,
    ...given,
  };
}

export function invoicePaid(
  at: number,
  given: Given<'billing.invoice_paid', 'account_id' | 'amount_net_minor'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'billing.invoice_paid',
    invoice_id: `invoice-${count}`,
    tax_minor: 0,
    currency: 'EUR',
    period_start: day(at),
    period_end: day(at + 28),
    purchase_count: 1,
    subscription_id: null,
    ...given,
  };
}

export function refundIssued(
  at: number,
  given: Given<'billing.refund_issued', 'account_id' | 'amount_minor'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'billing.refund_issued',
    invoice_id: `invoice-${count}`,
    currency: 'EUR',
    ...given,
  };
}

export function ratePublished(
  at: number,
  given: Given<'fx.rate_published', 'base' | 'quote' | 'rate' | 'date'>,
): KpiEvent {
  return { ...envelope(day(at)), event_type: 'fx.rate_published', ...given };
}

export function answered(
  at: number,
  given: Given<'survey.response_submitted', 'score' | 'scale_min' | 'scale_max'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'survey.response_submitted',
    survey_id: 'satisfaction',
    instance_id: `instance-${count}`,
    question_id: 'q1',
    kind: 'csat',
    direction: null,
    context: 'general',
    subject_id: null,
    ...given,
  };
}

export function ticketCreated(
  at: number,
  given: Given<'support.ticket_created', 'account_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'support.ticket_created',
    ticket_id: `ticket-${count}`,
    channel: 'email',
    requester_user_id: 'u1',
    priority: null,
    category: null,
    is_customer_initiated: true,
    incident_id: null,
    is_support: true,
    ...given,
  };
}

export function ticketInvalidated(
  at: number,
  given: Given<'support.ticket_invalidated', 'ticket_id'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'support.ticket_invalidated',
    reason: 'spam',
    merged_into: null,
    ...given,
  };
}

export function accountsMerged(at: number, from: string, into: string): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'account.merged',
    account_id: from,
    from_account_id: from,
    into_account_id: into,
  };
}

/** A ticket is moved from an account to another one, or to nobody. */
export function ticketMoved(
  at: number,
  given: Given<'support.ticket_updated', 'ticket_id' | 'from' | 'to'>,
): KpiEvent {
  return {
    ...envelope(day(at)),
    event_type: 'support.ticket_updated',
    account_id: given.from,
    field: 'account_id',
    from_account_id: null,
    into_account_id: null,
    ...given,
  };
}

/** An event that takes another one back: of the same type and source, with a new id. */
export function retractionOf(event: KpiEvent, given: Envelope = {}): KpiEvent {
  count += 1;
  return { ...event, event_id: `r${count}`, retracts: event.event_id, ...given };
}
