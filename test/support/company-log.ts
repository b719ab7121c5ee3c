import { type KpiEvent, days, hours } from '@kpi/core';
import * as fc from 'fast-check';

import { type Amendment, amend, amendments } from './company-log-amendments.ts';
import { type Draw, type Theme, draws, eventOf } from './company-log-events.ts';
import { ALL_DISTANCES } from './company-log-times.ts';
import { type LoggedEvent, logged } from './core-engine.ts';

/** How many events a log has before corrections, duplicates and retractions. */
const EVENTS_MAX = 30;
const AMENDMENTS_MAX = 10;
/** Core keeps the earliest eight activities of a user in a course; see Home. */
const ACTIVITIES_MAX = 7;

const EVERYONE = [0, 1, 2, 3, 4, 5];

/** The first is the whole company; the others crowd one part of it. */
const THEMES: readonly Theme[] = [
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
    types: ['billing.', 'fx.'],
    who: [0, 2],
    distances: { basesMs: [0, hours(5)], leapsMs: [0, 0, 1, 7, 28, 364].map(days) },
  },
  {
    types: ['billing.subscription', 'support.', 'lms.course_completed'],
    who: [0, 0, 1, 4],
    distances: { basesMs: [0, hours(1)], leapsMs: [0, 0, 1, 7, 28, 84].map(days) },
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
  return fc.oneof(...THEMES.map(logOf));
}

function logOf(theme: Theme): fc.Arbitrary<readonly LoggedEvent[]> {
  return fc
    .record({
      drawn: fc.array(draws(theme), { minLength: 1, maxLength: EVENTS_MAX }),
      amended: fc.array(amendments(theme), { maxLength: AMENDMENTS_MAX }),
    })
    .map(({ drawn, amended }) => logged(fewActivities(eventsOf(drawn, amended))));
}

/** Events in the order of their places. */
function eventsOf(drawn: readonly Draw[], amended: readonly Amendment[]): readonly KpiEvent[] {
  const placed = drawn.map((draw, index) => {
    const event = eventOf(draw, { eventId: eventId(draw, index), receivedAt: index + 1 });
    return { draw, event, place: draw.place, retractions: 0 };
  });
  return amend(placed, amended)
    .toSorted((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

/** The order of ids is not the order of making; two sources may use the same id. */
function eventId(draw: Draw, index: number): string {
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
