import { expect, test } from 'vitest';

import { createRateLimit } from './rate-limit.ts';

function limitAt(start: number) {
  const time = { now: start };
  return { time, limit: createRateLimit({ eventsPerS: 100, clock: () => time.now }) };
}

test('a caller in debt is refused until the debt is paid, and is told how long that takes', () => {
  const { time, limit } = limitAt(0);
  limit.charge('a', 500);
  expect(() => limit.check('a')).toThrow(/rate_limited/);
  expect(limit.retryAfterS('a')).toBe(3);
  time.now = 2_999;
  expect(() => limit.check('a')).toThrow(/rate_limited/);
  time.now = 3_000;
  expect(() => limit.check('a')).not.toThrow();
});

test('being quiet saves two seconds of budget and no more', () => {
  const { time, limit } = limitAt(0);
  limit.charge('a', 0);
  time.now = 3_600_000;
  limit.charge('a', 200);
  expect(() => limit.check('a')).not.toThrow();
  limit.charge('a', 1);
  expect(() => limit.check('a')).toThrow(/rate_limited/);
});

test('one caller does not use up the budget of another', () => {
  const { limit } = limitAt(0);
  limit.charge('a', 1_000);
  expect(() => limit.check('b')).not.toThrow();
});
