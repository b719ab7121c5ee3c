import { type KpiEvent, days, hours } from '@kpi/core';
import * as fc from 'fast-check';

import { type Placed, amend, amendments } from './company-log-amendments.ts';
import { type Theme, draws, eventOf } from './company-log-events.ts';
import { type Draw } from './company-log-parts.ts';
import { ALL_DISTANCES } from './company-log-times.ts';
import { type LoggedEvent, logged } from './core-engine.ts';

/** How many events a log has before corrections, duplicates and retractions. */
const EVENTS_MAX = 30;
const AMENDMENTS_MAX = 10;
/** Core keeps the earliest eight activities of a user in a course; see Home. */
const ACTIVITIES_MAX = 7;

const EVERYONE = [0, 1, 2, 3, 4, 5];

const REFERRALS: Omit<Theme, 'company'> = {
  types: ['referral.', 'billing.subscription_started', 'account.'],
  who: EVERYONE,
  distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 3, 7, 28, 31].map(days) },
};

/** The first is the whole company; the others crowd one part of it. */
const THEMES: readonly Omit<Theme, 'company'>[] = [
  { types: [], who: EVERYONE, distances: ALL_DISTANCES },
  {
    types: ['lms.'],
    who: [0, 0, 4],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 3, 7, 28].map(days) },
  },
  {
    types: ['billing.subscription', 'lms.course_enrolled', 'survey.'],
    who: [0, 0, 2],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 1, 7, 28, 35].map(days) },
  },
  {
    types: ['billing.', 'fx.', 'margin.'],
    who: [0, 2],
    distances: { basesMs: [0, hours(5)], leapsMs: [0, 0, 1, 7, 28, 364].map(days) },
  },
  {
    types: ['billing.subscription', 'support.', 'lms.course_completed'],
    who: [0, 0, 1, 4],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28, 84].map(days) },
  },
  {
    types: ['billing.subscription', 'account.created', 'onboarding.', 'referral.'],
    who: [0, 0, 2, 4],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28, 35].map(days) },
  },
  {
    types: ['billing.subscription', 'account.created', 'onboarding.completed', 'product.'],
    who: [0, 0, 1],
    distances: { basesMs: [0, hours(1), days(1)], leapsMs: [0, 7, 7, 14, 21, 28, 35].map(days) },
  },
  {
    types: ['account.created', 'crm.', 'marketing.', 'billing.', 'fx.'],
    who: [0, 0, 2],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 14, 28, 91].map(days) },
  },
  {
    types: ['billing.subscription', 'billing.invoice', 'billing.refund', 'onboarding.completed'],
    who: [0, 0, 2],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 14, 28, 35].map(days) },
  },
  {
    types: [
      'onboarding.started',
      'lms.course_completed',
      'billing.subscription',
      'account.created',
      'product.',
    ],
    who: [0, 0, 1, 4],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28].map(days) },
  },
  {
    types: ['account.created', 'product.'],
    who: [0, 0, 2],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 6, 7, 28].map(days) },
  },
  {
    types: ['account.', 'billing.', 'lms.course', 'product.', 'referral.', 'support.', 'survey.'],
    who: [0, 0, 2, 3],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28].map(days) },
  },
  {
    types: ['user.merged', 'lms.', 'survey.', 'account.merged', 'billing.subscription'],
    who: EVERYONE,
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28].map(days) },
  },
  {
    types: ['user.', 'lms.course_completed', 'billing.subscription', 'support.', 'account.merged'],
    who: EVERYONE,
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28].map(days) },
  },
  REFERRALS,
  {
    // Users whose account becomes known late, and one who changes accounts.
    types: [
      'user.joined',
      'user.left',
      'account.created',
      'billing.subscription',
      'lms.',
      'onboarding.',
      'product.',
      'referral.',
      'support.',
      'survey.',
      'crm.',
    ],
    who: [3, 4, 4, 5],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28].map(days) },
  },
  {
    types: ['user.', 'account.', 'product.', 'lms.course', 'support.', 'survey.'],
    who: [3, 4, 4, 5],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7].map(days) },
  },
  {
    types: ['survey.'],
    who: [0, 1],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 1, 7, 28].map(days) },
  },
];

/**
 * Small logs of a company's life that crowd the edges: few accounts, users, courses, subscriptions and invoices, the same ids
 * again and again, times on and 1 ms beside the edges of windows, grace and horizon; keys sent twice, corrected, retracted and
 * the retraction retracted; all in any order. `received_at` differs between the payloads of one key.
 */
export function companyLog(): fc.Arbitrary<readonly LoggedEvent[]> {
  return fc
    .oneof(
      ...THEMES.map((theme) =>
        placedEvents({ ...theme, company: '' }, { min: 1, max: EVENTS_MAX }),
      ),
    )
    .map(inOrder);
}

/** Logs of accounts that refer one another, are merged and become customers. */
export function referralLog(): fc.Arbitrary<readonly LoggedEvent[]> {
  const size = { min: 1, max: EVENTS_MAX };
  return placedEvents({ ...REFERRALS, company: '' }, size).map(inOrder);
}

/** Sparse companies show what crowded ones hide. */
const COMPANY_EVENTS: readonly number[] = [6, EVENTS_MAX];

/** Companies of each theme and size in one log: as many edges in one go, for engines that cost by the question. */
export function companiesLog(): fc.Arbitrary<readonly LoggedEvent[]> {
  const companies = THEMES.flatMap((theme, index) =>
    COMPANY_EVENTS.map((events) =>
      placedEvents({ ...theme, company: `c${index}x${events}-` }, { min: events, max: events }),
    ),
  );
  return fc.tuple(...companies).map((parts) => inOrder(parts.flat()));
}

function placedEvents(
  theme: Theme,
  size: { min: number; max: number },
): fc.Arbitrary<readonly Placed[]> {
  return fc
    .record({
      drawn: fc.array(draws(theme), { minLength: size.min, maxLength: size.max }),
      amended: fc.array(amendments(theme), { maxLength: AMENDMENTS_MAX }),
    })
    .map(({ drawn, amended }) => amend(drawn.map(placedEvent), amended));
}

function placedEvent(draw: Draw, index: number): Placed {
  const eventId = eventIdOf(draw, index);
  const event = eventOf(draw, { eventId, receivedAt: index + 1 });
  return { draw, eventId, event, place: draw.place, retractions: 0 };
}

function inOrder(events: readonly Placed[]): readonly LoggedEvent[] {
  const sorted = events.toSorted((a, b) => a.place - b.place).map(({ event }) => event);
  return logged(fewActivities(sorted));
}

/** The order of ids is not the order of making; two sources may use the same id. */
function eventIdOf(draw: Draw, index: number): string {
  const number = draw.source === 'other' ? index : index + 1;
  return `e${(number * 37) % 101}`;
}

function fewActivities(events: readonly KpiEvent[]): readonly KpiEvent[] {
  const counts = new Map<string, number>();
  return events.filter((event) => {
    switch (event.event_type) {
      case 'lms.course_started':
      case 'lms.lesson_completed':
      case 'lms.assessment_submitted': {
        const run = `${event.user_id ?? ''} ${event.course_id ?? ''}`;
        const count = (counts.get(run) ?? 0) + 1;
        counts.set(run, count);
        return count <= ACTIVITIES_MAX;
      }
      default:
        return true;
    }
  });
}
