import { type KpiEvent, days, hours } from '@kpi/core';
import * as fc from 'fast-check';

import {
  accountOf,
  ACTIONS,
  AMOUNTS_MINOR,
  answer,
  CHANGE_REASONS,
  CHANNELS,
  CURRENCIES,
  DOMAINS,
  type Draw,
  ended,
  enrolmentId,
  envelope,
  idOf,
  inCourse,
  type Made,
  MARGINS,
  memberOf,
  merge,
  move,
  onInvoice,
  onTicket,
  pick,
  rate,
  REASONS,
  SPENDS_MINOR,
  type Stamp,
  subscription,
  userMerge,
  userOf,
  VERSIONS,
} from './company-log-parts.ts';
import { type Distances, instants } from './company-log-times.ts';
import { type BuiltType, event } from './event.ts';

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
    type: 'account.merged',
    weight: 2,
    build: (made) => event('account.merged', merge(made)),
  },
  {
    type: 'user.merged',
    weight: 2,
    build: (made) => event('user.merged', userMerge(made)),
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
        cancel_at: made.choice % 4 === 0 ? made.at + days(28) : null,
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
    type: 'support.ticket_updated',
    weight: 3,
    build: (made) => event('support.ticket_updated', { ...onTicket(made), ...move(made) }),
  },
  {
    type: 'onboarding.started',
    weight: 3,
    build: (made) => event('onboarding.started', { ...made.envelope, ...userOf(made) }),
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
        referred_account_id:
          made.which % 4 === 3 ? null : accountOf({ ...made, who: made.amount }).account_id,
      }),
  },
  {
    type: 'user.joined_account',
    weight: 5,
    build: (made) => event('user.joined_account', { ...made.envelope, ...memberOf(made) }),
  },
  {
    type: 'user.left_account',
    weight: 2,
    build: (made) => event('user.left_account', { ...made.envelope, ...memberOf(made) }),
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
