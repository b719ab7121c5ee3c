import { HOUR_MS, type KpiEvent } from '@kpi/core';

import { type Draw, createDraw } from '../chaos/draw.ts';
import { event } from '../support/event.ts';

export interface WorkloadOptions {
  readonly seed: number;
  /** Records, repeated ones included. */
  readonly events: number;
  /** When the last event arrives; the first does {@link SPAN_MS} earlier. */
  readonly endMs: number;
  readonly accounts: number;
}

/** Event time that a workload covers. */
export const SPAN_MS = 6 * HOUR_MS;
/** How far a late event lies back when it arrives. */
export const LATE_MS_MAX = 2 * HOUR_MS;
export const USERS_PER_ACCOUNT = 4;

const LATE_SHARE = 0.05;
const REPEATED_SHARE = 0.02;
/** A repetition is of one of this many events before it. */
const RECENT_EVENTS = 10_000;

const ACTIONS = ['open', 'create_project', 'invite', 'comment', 'export', 'search'] as const;
const FEATURES = ['board', 'timeline', 'reports', 'files'] as const;
const COURSES = ['basics', 'admin', 'reports', 'automation', 'security'] as const;
const PLANS = ['free', 'team', 'pro'] as const;
const CHANNELS = ['email', 'chat', 'phone'] as const;
const LESSONS = 12;
const ID_PARTS = 0x1_0000_0000;

/** Who does something, and when. */
interface Occasion {
  readonly draw: Draw;
  /** Place in the log, from 0. */
  readonly number: number;
  readonly account: number;
  readonly user: number;
  readonly base: Pick<
    KpiEvent,
    'event_id' | 'occurred_at' | 'received_at' | 'account_id' | 'user_id'
  >;
}

interface Kind {
  readonly perMille: number;
  readonly make: (occasion: Occasion) => KpiEvent;
}

/** Twelve types: much use of the product, and the events that KPIs read. */
const KINDS: readonly Kind[] = [
  {
    perMille: 700,
    make: ({ base, draw }) =>
      event('product.action_performed', {
        ...base,
        action: draw.one(ACTIONS),
        feature: draw.one(FEATURES),
        is_value_event: draw.chance(0.3),
      }),
  },
  {
    perMille: 80,
    make: ({ base, draw, user }) =>
      event('lms.lesson_completed', {
        ...base,
        course_id: courseOf(user),
        lesson_id: `lesson-${draw.below(LESSONS)}`,
        progress: draw.below(LESSONS) / LESSONS,
      }),
  },
  {
    perMille: 40,
    make: ({ base, user }) =>
      event('lms.course_enrolled', {
        ...base,
        course_id: courseOf(user),
        enrolment_id: `enrolment-${user}`,
      }),
  },
  {
    perMille: 30,
    make: ({ base, user }) =>
      event('lms.course_started', { ...base, course_id: courseOf(user), lesson_id: 'lesson-0' }),
  },
  {
    perMille: 30,
    make: ({ base, user }) =>
      event('lms.course_completed', { ...base, course_id: courseOf(user), success: true }),
  },
  {
    perMille: 15,
    make: ({ base, draw, user }) =>
      event('lms.assessment_submitted', {
        ...base,
        course_id: courseOf(user),
        assessment_id: 'final',
        score_scaled: draw.below(100) / 100,
      }),
  },
  {
    perMille: 30,
    make: ({ base, draw, number, user }) =>
      event('support.ticket_created', {
        ...base,
        ticket_id: `ticket-${number}`,
        channel: draw.one(CHANNELS),
        requester_user_id: userId(user),
      }),
  },
  {
    perMille: 20,
    make: ({ base, draw, number }) =>
      event('survey.response_submitted', {
        ...base,
        instance_id: `sending-${number}`,
        score: 1 + draw.below(5),
      }),
  },
  {
    perMille: 20,
    make: ({ base, draw, number }) =>
      event('billing.invoice_paid', {
        ...base,
        invoice_id: `invoice-${number}`,
        amount_net_minor: 1_000 + draw.below(90_000),
        period_start: base.occurred_at,
        period_end: base.occurred_at,
      }),
  },
  {
    perMille: 20,
    make: ({ base, draw, account }) =>
      event('billing.subscription_started', { ...base, ...subscription(draw, account) }),
  },
  {
    perMille: 10,
    make: ({ base, draw, account }) =>
      event('billing.subscription_updated', { ...base, ...subscription(draw, account) }),
  },
  {
    perMille: 5,
    make: ({ base, account }) =>
      event('account.created', { ...base, account_name: `Account ${account}`, is_internal: false }),
  },
];

const MAKERS = KINDS.flatMap(({ perMille, make }) => Array.from({ length: perMille }, () => make));

/**
 * The events of DESIGN 9 in the order of their arrival, evenly over six hours: users draw evenly, 2 % are sent again soon
 * after, 5 % are up to two hours late. The same options give the same events.
 */
export function* workload(options: WorkloadOptions): Generator<KpiEvent, void> {
  const draw = createDraw(options.seed);
  const recent: KpiEvent[] = [];
  for (let number = 0; number < options.events; number += 1) {
    const isRepeated = recent.length > 0 && draw.chance(REPEATED_SHARE);
    const next = isRepeated ? draw.one(recent) : freshEvent(options, draw, number);
    if (recent.length < RECENT_EVENTS) recent.push(next);
    else if (!isRepeated) recent[number % RECENT_EVENTS] = next;
    yield next;
  }
}

function freshEvent(options: WorkloadOptions, draw: Draw, number: number): KpiEvent {
  const startMs = options.endMs - SPAN_MS;
  const arrivedAt = startMs + Math.floor((SPAN_MS * number) / options.events);
  const lateMs = draw.chance(LATE_SHARE) ? draw.below(LATE_MS_MAX) : 0;
  const user = draw.below(options.accounts * USERS_PER_ACCOUNT);
  const account = user % options.accounts;
  const base = {
    event_id: `evt_${hex(draw)}${hex(draw)}`,
    occurred_at: Math.max(startMs, arrivedAt - lateMs),
    received_at: arrivedAt,
    account_id: `account-${account}`,
    user_id: userId(user),
  };
  return draw.one(MAKERS)({ draw, number, account, user, base });
}

/** A user takes one course, so that its events meet in one course run. */
function courseOf(user: number): string {
  return COURSES[user % COURSES.length] ?? COURSES[0];
}

function subscription(draw: Draw, account: number) {
  return {
    subscription_id: `subscription-${account}`,
    plan_id: draw.one(PLANS),
    mrr_minor: 1_000 + draw.below(20_000),
  };
}

function userId(user: number): string {
  return `user-${user}`;
}

function hex(draw: Draw): string {
  return draw.below(ID_PARTS).toString(16).padStart(8, '0');
}
