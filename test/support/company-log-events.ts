import { type KpiEvent, days, hours } from '@kpi/core';
import * as fc from 'fast-check';

import { type Distances, instants } from './company-log-times.ts';
import { type BuiltType, event } from './event.ts';

/** Everything an event may be made of; a builder takes what it needs. */
export interface Draw {
  readonly kind: number;
  readonly at: number;
  readonly who: number;
  readonly which: number;
  readonly amount: number;
  readonly choice: number;
  readonly flag: boolean;
  readonly source: string;
  readonly sourceVersion: number;
  /** Where in the log it lies, roughly. */
  readonly place: number;
  /** Begins the ids of accounts, users and events, and so all natural ids. */
  readonly company: string;
}

/** What tells the payloads of one key apart, and one key from another. */
export interface Stamp {
  readonly eventId: string;
  readonly receivedAt: number;
}

interface Subject {
  readonly account_id: string | null;
  readonly user_id: string | null;
}

/** Each user belongs to one account for good; p1 and p2 to none. */
const USERS: readonly Subject[] = [
  { account_id: 'a1', user_id: 'u1' },
  { account_id: 'a1', user_id: 'u2' },
  { account_id: 'a2', user_id: 'u3' },
  { account_id: 'a3', user_id: 'u4' },
  { account_id: null, user_id: 'p1' },
  { account_id: null, user_id: 'p2' },
];
const ACCOUNTS: readonly Subject[] = [
  { account_id: 'a1', user_id: null },
  { account_id: 'a1', user_id: null },
  { account_id: 'a2', user_id: null },
  { account_id: 'a3', user_id: null },
];
const CURRENCIES = ['EUR', 'EUR', 'USD', 'JPY'] as const;
const ACTIONS = ['create_project', 'invite_user', 'connect_source', 'open'] as const;
const DOMAINS = ['one.example', 'two.example', 'ONE.example'] as const;
const PLANS = ['pro', 'team', 'free'] as const;
const COURSES = ['basics', 'basics', 'advanced'] as const;
const VERSIONS = ['1', '2'] as const;
const STATED_VERSIONS = [null, null, '1', '2'] as const;
const REASONS = ['no time', 'no time', 'refund: duplicate'] as const;
const CONTEXTS = ['general', 'general', 'ticket', 'course'] as const;
const QUESTIONS = ['csat', 'nps', 'ces'] as const;
/** Lowest answer and length of scale. */
const SCALES = [
  [1, 5],
  [1, 7],
  [0, 11],
  [1, 10],
  [1, 3],
  [0, 2],
] as const;
const PAIRS = [
  ['USD', 'EUR'],
  ['EUR', 'USD'],
  ['JPY', 'EUR'],
  ['EUR', 'JPY'],
  ['USD', 'JPY'],
] as const;
const RATES = ['0.5', '1.1', '0.125', '3', '0.9000000001', '160.07'] as const;
const MARGINS = ['0.3', '0', '1', '0.1250000001'] as const;
const PRODUCTS = ['app', 'app', 'app', 'addon'] as const;
const CHANGE_REASONS = [null, 'plan', 'seats', null, 'other', 'price_indexation'] as const;
const CHANNELS = ['ads', 'events'] as const;
const SPENDS_MINOR = [0, 1, 1_000_001, 333, -77, 99_999] as const;
const AMOUNTS_MINOR = [0, 1, 5, 333, 1_001, 99_999] as const;
/** 0: a trial or a pause. */
const MRRS_MINOR = [0, 100, 333, 1_001] as const;

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

/** Subject of an event about a person. */
function userOf(draw: Draw): Subject {
  return subjectOf(pick(USERS, draw.who), draw);
}

function accountOf(draw: Draw): Subject {
  return subjectOf(pick(ACCOUNTS, draw.who), draw);
}

function subjectOf({ account_id, user_id }: Subject, { company }: Draw): Subject {
  return {
    account_id: account_id === null ? null : company + account_id,
    user_id: user_id === null ? null : company + user_id,
  };
}

/** Natural ids are unique per source and belong to one home. */
function idOf(name: string, { account_id, user_id }: Subject, which: number): string {
  return `${name}-${account_id ?? user_id ?? ''}-${which % 2}`;
}

/** What the builders share: the envelope without a subject. */
type Made = Draw & { readonly envelope: ReturnType<typeof envelope> };

function envelope(draw: Draw, stamp: Stamp) {
  return {
    event_id: draw.company + stamp.eventId,
    occurred_at: draw.at,
    received_at: stamp.receivedAt,
    source: draw.source,
    source_version: draw.sourceVersion,
  };
}

function subscription(made: Made) {
  return {
    ...made.envelope,
    ...accountOf(made),
    subscription_id: idOf('s', accountOf(made), made.which),
    plan_id: pick(PLANS, made.choice),
    product_id: pick(PRODUCTS, made.choice),
    quantity: 1 + (made.amount % 2),
    mrr_minor: pick(MRRS_MINOR, made.amount),
    currency: pick(CURRENCIES, made.which),
  };
}

function ended({
  mrr_minor: _mrr,
  plan_id: _plan,
  product_id: _product,
  quantity: _quantity,
  ...rest
}: ReturnType<typeof subscription>) {
  return rest;
}

function inCourse(made: Made) {
  return {
    ...made.envelope,
    ...userOf(made),
    course_id: pick(COURSES, made.which),
    course_version: pick(STATED_VERSIONS, made.choice),
  };
}

/** An enrolment is that of one user in one course. */
function enrolmentId(made: Made): string {
  const subject = { ...userOf(made), account_id: null };
  return idOf(`e-${pick(COURSES, made.which)}`, subject, made.amount);
}

function onInvoice(made: Made) {
  return {
    ...made.envelope,
    ...accountOf(made),
    invoice_id: idOf('i', accountOf(made), made.choice),
    currency: pick(CURRENCIES, made.which),
  };
}

function onTicket(made: Made) {
  const ticket_id = idOf('t', userOf(made), made.amount);
  return { ...made.envelope, ...userOf(made), ticket_id };
}

function answer(made: Made) {
  const kind = pick(QUESTIONS, Math.floor(made.choice / CONTEXTS.length));
  return {
    ...made.envelope,
    ...userOf(made),
    ...(kind === 'nps' ? recommendation(made) : scaled(made)),
    kind,
    context: pick(CONTEXTS, made.choice),
    survey_id: `survey-${made.who % 2}`,
    instance_id: `instance-${made.which % 2}`,
  } as const;
}

/** An answer that is off its scale is not valid and must not replace a valid one. */
function scaled({ which, amount, flag, sourceVersion }: Made) {
  const [low, length] = pick(SCALES, which);
  return {
    score: low + (amount % (length + 1)),
    scale_min: low,
    scale_max: low + length - 1,
    direction: flag ? 'lower_is_better' : pick([null, 'higher_is_better'] as const, sourceVersion),
  } as const;
}

/** 11 is off the scale, and so is whatever says that it is another one. */
function recommendation({ which, amount, flag }: Made) {
  return {
    score: amount,
    scale_min: pick([0, 0, null, 1], which),
    scale_max: which % 5 === 0 ? null : 10,
    direction: which % 6 === 5 && flag ? 'lower_is_better' : null,
  } as const;
}

function rate(made: Made) {
  const [base, quote] = pick(PAIRS, made.which);
  const date = new Date(made.at).toISOString().slice(0, 10);
  return { ...made.envelope, base, quote, rate: pick(RATES, made.amount), date };
}

interface Kind {
  readonly type: BuiltType;
  /** How often it is drawn. */
  readonly weight: number;
  readonly build: (made: Made) => KpiEvent;
}

const KINDS: readonly Kind[] = [
  {
    type: 'account.created',
    weight: 3,
    build: (made) =>
      event('account.created', {
        ...made.envelope,
        ...accountOf(made),
        is_internal: pick([null, false, made.who % 4 === 3], made.choice),
        domain: pick([null, ...DOMAINS], made.amount),
        imported: pick([null, null, false, true], made.which),
        source_channel: pick([null, null, ...CHANNELS], made.amount),
      }),
  },
  {
    type: 'billing.subscription_started',
    weight: 8,
    build: (made) => event('billing.subscription_started', subscription(made)),
  },
  {
    type: 'billing.subscription_updated',
    weight: 6,
    build: (made) =>
      event('billing.subscription_updated', {
        ...subscription(made),
        change_reason: pick(CHANGE_REASONS, made.which),
      }),
  },
  {
    type: 'billing.subscription_ended',
    weight: 5,
    build: (made) => event('billing.subscription_ended', ended(subscription(made))),
  },
  {
    type: 'billing.invoice_paid',
    weight: 5,
    build: (made) =>
      event('billing.invoice_paid', {
        ...onInvoice(made),
        amount_net_minor: pick(AMOUNTS_MINOR, made.amount),
        purchase_count: made.choice % 3,
      }),
  },
  {
    type: 'billing.refund_issued',
    weight: 2,
    build: (made) =>
      event('billing.refund_issued', {
        ...onInvoice(made),
        amount_minor: pick(AMOUNTS_MINOR, made.amount),
      }),
  },
  {
    type: 'billing.dispute_lost',
    weight: 1,
    build: (made) =>
      event('billing.dispute_lost', {
        ...onInvoice(made),
        amount_minor: pick(AMOUNTS_MINOR, made.amount),
      }),
  },
  {
    type: 'margin.set',
    weight: 1,
    build: (made) =>
      event('margin.set', {
        ...made.envelope,
        margin: pick(MARGINS, made.amount),
        valid_from: made.at - days(made.choice % 3),
      }),
  },
  {
    type: 'crm.lead_created',
    weight: 2,
    build: (made) =>
      event('crm.lead_created', {
        ...made.envelope,
        ...accountOf(made),
        channel: pick(CHANNELS, made.choice),
      }),
  },
  {
    type: 'marketing.spend_recorded',
    weight: 3,
    build: (made) =>
      event('marketing.spend_recorded', {
        ...made.envelope,
        spend_id: `spend-${made.company}${made.which % 3}`,
        amount_minor: pick(SPENDS_MINOR, made.amount),
        currency: pick(CURRENCIES, made.which),
        period_start: made.at - pick([0, days(7), hours(5) + 7], made.amount),
        period_end: made.at + pick([1, days(31), hours(3)], made.choice),
        channel: pick(CHANNELS, made.choice),
      }),
  },
  { type: 'fx.rate_published', weight: 3, build: (made) => event('fx.rate_published', rate(made)) },
  {
    type: 'lms.course_enrolled',
    weight: 7,
    build: (made) =>
      event('lms.course_enrolled', {
        ...inCourse(made),
        course_version: pick(VERSIONS, made.choice),
        enrolment_id: enrolmentId(made),
      }),
  },
  {
    type: 'lms.course_started',
    weight: 1,
    build: (made) => event('lms.course_started', inCourse(made)),
  },
  {
    type: 'lms.lesson_completed',
    weight: 1,
    build: (made) => event('lms.lesson_completed', inCourse(made)),
  },
  {
    type: 'lms.assessment_submitted',
    weight: 1,
    build: (made) => event('lms.assessment_submitted', inCourse(made)),
  },
  {
    type: 'lms.course_completed',
    weight: 5,
    build: (made) =>
      event('lms.course_completed', { ...inCourse(made), success: made.flag ? null : false }),
  },
  {
    type: 'lms.course_unenrolled',
    weight: 4,
    build: (made) =>
      event('lms.course_unenrolled', { ...inCourse(made), reason: pick(REASONS, made.amount) }),
  },
  {
    type: 'support.ticket_created',
    weight: 6,
    build: (made) =>
      event('support.ticket_created', {
        ...onTicket(made),
        is_customer_initiated: made.choice % 4 !== 0,
        is_support: made.which % 4 !== 0,
      }),
  },
  {
    type: 'support.ticket_invalidated',
    weight: 1,
    build: (made) => event('support.ticket_invalidated', onTicket(made)),
  },
  {
    type: 'onboarding.completed',
    weight: 3,
    build: (made) => event('onboarding.completed', { ...made.envelope, ...userOf(made) }),
  },
  {
    type: 'referral.sent',
    weight: 4,
    build: (made) =>
      event('referral.sent', {
        ...made.envelope,
        ...userOf(made),
        referral_id: idOf('f', userOf(made), made.which),
        invitee_hash: `invitee-${made.amount % 3}`,
        invitee_domain: pick(DOMAINS, made.choice),
        referred_account_id: made.which % 5 === 0 ? userOf(made).account_id : null,
      }),
  },
  {
    type: 'survey.response_submitted',
    weight: 9,
    build: (made) => event('survey.response_submitted', answer(made)),
  },
  {
    type: 'product.action_performed',
    weight: 9,
    build: (made) =>
      event('product.action_performed', {
        ...made.envelope,
        ...userOf(made),
        action: pick(ACTIONS, made.which),
        is_value_event: made.flag,
      }),
  },
];

/** What the events of a log may be about. */
export interface Theme {
  /** Areas and names of event types, such as `lms.` or `billing.subscription`; any event when empty. */
  readonly types: readonly string[];
  /** Users and accounts, by their places in the lists above. */
  readonly who: readonly number[];
  readonly distances: Distances;
  readonly company: string;
}

/** The material of any event of a theme. */
export function draws({ types, who, distances, company }: Theme): fc.Arbitrary<Draw> {
  const small = fc.nat({ max: 11 });
  const lots = KINDS.flatMap(({ type, weight }, kind) =>
    types.length === 0 || types.some((prefix) => type.startsWith(prefix))
      ? Array.from({ length: weight }, () => kind)
      : [],
  );
  return fc.record({
    kind: fc.constantFrom(...lots),
    at: instants(distances),
    who: fc.constantFrom(...who),
    which: small,
    amount: small,
    choice: small,
    flag: fc.boolean(),
    source: fc.constantFrom('test', 'test', 'test', 'test', 'other'),
    sourceVersion: fc.nat({ max: 2 }),
    place: fc.nat({ max: 999 }),
    company: fc.constant(company),
  });
}

/** The event a draw makes. Draws of one `kind` and `who` make events of one type in one home. */
export function eventOf(draw: Draw, stamp: Stamp): KpiEvent {
  return pick(KINDS, draw.kind).build({ ...draw, envelope: envelope(draw, stamp) });
}
