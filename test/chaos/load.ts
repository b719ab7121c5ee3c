import { DAY_MS, type KpiEvent, MINUTE_MS } from '@kpi/core';

import { event } from '../support/event.ts';
import { type Draw } from './draw.ts';

/** Accounts of the load: few enough that every one is touched often, so many that minutes of load do not pile up in one. */
const ACCOUNTS = 600;
const USERS_PER_ACCOUNT = 4;
const PLANS = ['free', 'team', 'pro'] as const;
const CURRENCIES = ['EUR', 'USD', 'JPY'] as const;
const COURSES = ['basics', 'admin', 'reports'] as const;
const CONTEXTS = ['general', 'ticket'] as const;
/** How far back events lie: two windows of 28 days and the horizon of a course. */
const SPAN_MS = 90 * DAY_MS;

/** A share of events that are late, sent again, or taken back. */
const LATE_SHARE = 0.05;
const REPEATED_SHARE = 0.02;
const RETRACTED_SHARE = 0.01;
/** A share of what users learn and answer while they belong to no account, or to another one. */
const ELSEWHERE_SHARE = 0.05;

export interface LoadOptions {
  readonly draw: Draw;
  readonly now: number;
  /** Whether some learn and answer before they belong to an account; what names no account has to be looked up by ingest. */
  readonly hasProspects: boolean;
}

/** An endless, seeded stream of events in no particular order, some of them repeated, late or retracted. */
export function* companyLoad(options: LoadOptions): Generator<KpiEvent> {
  const { draw } = options;
  const sent: KpiEvent[] = [];
  for (let number = 0; ; number += 1) {
    const next = nextEvent(options, number, sent);
    if (sent.length < 5_000) sent.push(next);
    else sent[draw.below(sent.length)] = next;
    yield next;
  }
}

function nextEvent(options: LoadOptions, number: number, sent: readonly KpiEvent[]): KpiEvent {
  const { draw } = options;
  const earlier = sent[draw.below(Math.max(1, sent.length))];
  if (earlier !== undefined && draw.chance(REPEATED_SHARE)) return earlier;
  if (earlier !== undefined && draw.chance(RETRACTED_SHARE)) return retractionOf(earlier, number);
  return freshEvent(options, number);
}

/** Takes an event back; sent to the home of its target. */
function retractionOf(target: KpiEvent, number: number): KpiEvent {
  return { ...target, event_id: `n${number}`, retracts: target.event_id };
}

function freshEvent({ draw, now, hasProspects }: LoadOptions, number: number): KpiEvent {
  const account = draw.below(ACCOUNTS);
  const user = `a${account}-u${draw.below(USERS_PER_ACCOUNT)}`;
  const age = draw.chance(LATE_SHARE) ? draw.below(SPAN_MS * 4) : draw.below(SPAN_MS);
  const base = {
    event_id: `n${number}`,
    occurred_at: now - MINUTE_MS - age,
    account_id: `a${account}`,
    user_id: user,
  };
  const other = `a${draw.below(ACCOUNTS)}`;
  const elsewhere = draw.one([hasProspects ? null : other, other]);
  const learner = draw.chance(ELSEWHERE_SHARE) ? { ...base, account_id: elsewhere } : base;
  const course = draw.one(COURSES);
  const kinds: readonly (() => KpiEvent)[] = [
    () => event('product.action_performed', { ...base, action: 'open' }),
    () => event('product.action_performed', { ...base, action: 'save', is_value_event: true }),
    () =>
      event('lms.course_enrolled', {
        ...learner,
        course_id: course,
        enrolment_id: `${user}-${course}-${draw.below(2)}`,
      }),
    () =>
      event('lms.lesson_completed', {
        ...learner,
        course_id: course,
        lesson_id: `l${draw.below(9)}`,
        progress: 0.5,
      }),
    () => event('lms.course_completed', { ...learner, course_id: course }),
    () =>
      event('lms.course_unenrolled', {
        ...learner,
        course_id: course,
        reason: draw.one(['no time', 'refund asked']),
      }),
    () => subscriptionEvent(draw, base),
    () =>
      event('billing.subscription_ended', {
        ...base,
        subscription_id: `s${account}-${draw.below(2)}`,
      }),
    () =>
      event('billing.invoice_paid', {
        ...base,
        invoice_id: `i${account}-${draw.below(400)}`,
        amount_net_minor: draw.below(90_000),
        currency: draw.one(CURRENCIES),
      }),
    () =>
      event('billing.refund_issued', {
        ...base,
        invoice_id: `i${account}-${draw.below(400)}`,
        amount_minor: draw.below(9_000),
        currency: draw.one(CURRENCIES),
      }),
    () =>
      event('support.ticket_created', {
        ...base,
        ticket_id: `t${account}-${draw.below(300)}`,
        requester_user_id: user,
      }),
    () =>
      event('support.ticket_invalidated', { ...base, ticket_id: `t${account}-${draw.below(300)}` }),
    () =>
      event('survey.response_submitted', {
        ...learner,
        instance_id: `v${draw.below(50)}`,
        context: draw.one(CONTEXTS),
        score: 1 + draw.below(5),
      }),
    () => rateEvent(draw, base, now),
  ];
  return draw.one(kinds)();
}

type Base = Pick<KpiEvent, 'event_id' | 'occurred_at' | 'account_id' | 'user_id'>;

function subscriptionEvent(draw: Draw, base: Base): KpiEvent {
  const fields = {
    ...base,
    subscription_id: `s${String(base.account_id).slice(1)}-${draw.below(2)}`,
    plan_id: draw.one(PLANS),
    mrr_minor: draw.chance(0.1) ? 0 : 1_000 + draw.below(20_000),
    currency: draw.one(CURRENCIES),
  };
  return draw.chance(0.6)
    ? event('billing.subscription_started', fields)
    : event('billing.subscription_updated', fields);
}

function rateEvent(draw: Draw, base: Base, now: number): KpiEvent {
  const date = new Date(now - draw.below(SPAN_MS)).toISOString().slice(0, 10);
  return event('fx.rate_published', {
    ...base,
    account_id: null,
    user_id: null,
    base: draw.one(['USD', 'JPY']),
    quote: 'EUR',
    rate: `0.${1 + draw.below(99)}`,
    date,
  });
}
