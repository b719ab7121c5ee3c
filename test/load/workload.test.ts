import { EVENT_TYPES, type KpiEvent } from '@kpi/core';
import { createEventEncoder } from '@kpi/kafka';
import { expect, test } from 'vitest';

import {
  LATE_MS_MAX,
  SPAN_MS,
  USERS_PER_ACCOUNT,
  type WorkloadOptions,
  workload,
} from './workload.ts';

const OPTIONS: WorkloadOptions = {
  seed: 7,
  events: 40_000,
  endMs: Date.UTC(2026, 0, 1),
  accounts: 500,
};
const EVENTS = [...workload(OPTIONS)];
const DISTINCT = [...new Map(EVENTS.map((one) => [one.event_id, one])).values()];

test('seven of ten events are product actions, and there are twelve types', () => {
  expect(shareOf(DISTINCT, (one) => one.event_type === 'product.action_performed')).toBeCloseTo(
    0.7,
    1.5,
  );
  expect(new Set(DISTINCT.map((one) => one.event_type)).size).toBe(12);
});

test('one of fifty events was sent before, unchanged', () => {
  expect(EVENTS).toHaveLength(OPTIONS.events);
  expect(1 - DISTINCT.length / EVENTS.length).toBeCloseTo(0.02, 2);
  const first = new Map<string, KpiEvent>();
  for (const one of EVENTS) {
    const earlier = first.get(one.event_id) ?? one;
    expect(one).toBe(earlier);
    first.set(one.event_id, earlier);
  }
});

test('one of twenty events is late by at most two hours, none is outside the six hours', () => {
  const delays = DISTINCT.map((one) => one.received_at - one.occurred_at);
  expect(delays.filter((delay) => delay > 0).length / delays.length).toBeCloseTo(0.05, 2);
  expect(Math.max(...delays)).toBeLessThan(LATE_MS_MAX);
  expect(Math.max(...delays)).toBeGreaterThan(LATE_MS_MAX * 0.9);
  const times = DISTINCT.map((one) => one.occurred_at);
  expect(Math.min(...times)).toBe(OPTIONS.endMs - SPAN_MS);
  expect(Math.max(...times)).toBeLessThan(OPTIONS.endMs);
});

test('every account and every user takes part, and a user keeps to one account', () => {
  const accounts = new Map(DISTINCT.map((one) => [one.user_id, one.account_id]));
  expect(accounts.size).toBe(OPTIONS.accounts * USERS_PER_ACCOUNT);
  expect(new Set(accounts.values()).size).toBe(OPTIONS.accounts);
  for (const one of DISTINCT) expect(one.account_id).toBe(accounts.get(one.user_id));
});

test('the same seed gives the same bytes, another seed gives others', () => {
  const encoder = createEventEncoder(new Map(EVENT_TYPES.map((type, index) => [type, index])));
  const bytes = (seed: number): Buffer =>
    Buffer.concat(
      [...workload({ ...OPTIONS, seed, events: 2_000 })].map((one) => encoder.encode(one)),
    );
  expect(bytes(7).equals(bytes(7))).toBe(true);
  expect(bytes(7).equals(bytes(8))).toBe(false);
});

function shareOf(events: readonly KpiEvent[], holds: (event: KpiEvent) => boolean): number {
  return events.filter(holds).length / events.length;
}
