import { DAY_MS, HOUR_MS, MINUTE_MS } from '@kpi/core';
import { expect, test } from 'vitest';

import { LateTally } from './late-events.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');

test('an event is late once its bucket has closed, not a moment before', () => {
  const tally = new LateTally();
  const occurredAt = NOON + 4 * MINUTE_MS + 59_000;
  tally.add('lms.course_completed', occurredAt, NOON + 5 * MINUTE_MS - 1);
  expect(tally.late).toBe(0);
  tally.add('lms.course_completed', occurredAt, NOON + HOUR_MS);
  expect(tally.late).toBe(1);
});

test('an event that claims to come from the near future is not late', () => {
  const tally = new LateTally();
  tally.add('lms.course_completed', NOON + MINUTE_MS, NOON);
  expect(tally.late).toBe(0);
});

test('an event of years ago is beyond live for every KPI that reads it, and for no other', () => {
  const tally = new LateTally();
  tally.add('survey.response_submitted', NOON - 800 * DAY_MS, NOON);
  expect([...tally.beyondLive]).toEqual([
    ['csat_score', 1],
    ['nps_score', 1],
    ['customer_effort_score', 1],
  ]);
});

test('an event inside the live horizon is late and nothing more', () => {
  const tally = new LateTally();
  tally.add('survey.response_submitted', NOON - 8 * DAY_MS, NOON);
  expect(tally.late).toBe(1);
  expect([...tally.beyondLive]).toEqual([]);
});

test('a KPI that is not kept live has no live horizon', () => {
  const tally = new LateTally();
  tally.add('billing.invoice_paid', NOON - 8 * DAY_MS, NOON);
  expect(tally.late).toBe(1);
  expect([...tally.beyondLive]).toEqual([]);
});
