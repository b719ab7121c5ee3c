import {
  DAY_MS,
  DEFAULT_DEFINITIONS,
  type Definitions,
  type EventType,
  HOUR_MS,
  MINUTE_MS,
} from '@kpi/core';
import { expect, test } from 'vitest';

import { LateTally } from './late-events.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');

function createTally(definitions: Definitions = DEFAULT_DEFINITIONS): LateTally {
  return new LateTally(() => definitions);
}

function seen(eventType: EventType, occurredAt: number) {
  return { tenant_id: 'acme', event_type: eventType, occurred_at: occurredAt };
}

test('an event is late once its bucket has closed, not a moment before', () => {
  const tally = createTally();
  const occurredAt = NOON + 4 * MINUTE_MS + 59_000;
  tally.add(seen('lms.course_completed', occurredAt), NOON + 5 * MINUTE_MS - 1);
  expect(tally.late).toBe(0);
  tally.add(seen('lms.course_completed', occurredAt), NOON + HOUR_MS);
  expect(tally.late).toBe(1);
});

test('an event that claims to come from the near future is not late', () => {
  const tally = createTally();
  tally.add(seen('lms.course_completed', NOON + MINUTE_MS), NOON);
  expect(tally.late).toBe(0);
});

test('an event of years ago is beyond live for every KPI that reads it, and for no other', () => {
  const tally = createTally();
  tally.add(seen('survey.response_submitted', NOON - 800 * DAY_MS), NOON);
  expect([...tally.beyondLive]).toEqual([
    ['csat_score', 1],
    ['nps_score', 1],
    ['customer_effort_score', 1],
  ]);
});

test('an event inside the live horizon is late and nothing more', () => {
  const tally = createTally();
  tally.add(seen('survey.response_submitted', NOON - 8 * DAY_MS), NOON);
  expect(tally.late).toBe(1);
  expect([...tally.beyondLive]).toEqual([]);
});

test('a KPI that is not kept live has no live horizon', () => {
  const tally = createTally();
  tally.add(seen('billing.invoice_paid', NOON - 8 * DAY_MS), NOON);
  expect(tally.late).toBe(1);
  expect([...tally.beyondLive]).toEqual([]);
});

test('with a longer horizon of its own a tenant sees older events in its live values', () => {
  const completion = { ...DEFAULT_DEFINITIONS.completion, horizonMs: 100 * DAY_MS };
  const late = [createTally(), createTally({ ...DEFAULT_DEFINITIONS, completion })].map((tally) => {
    tally.add(seen('lms.course_completed', NOON - 100 * DAY_MS), NOON);
    return tally.beyondLive.get('course_completion_rate');
  });
  expect(late).toEqual([1, undefined]);
});
