import { Fault } from '@kpi/core';
import { expect, test } from 'vitest';

import { createInFlight } from './in-flight.ts';

const KIB = 1_024;

test('what does not fit is refused until something else has left', () => {
  const inFlight = createInFlight(100 * KIB);
  const first = inFlight.admit(60 * KIB);
  expect(() => inFlight.admit(60 * KIB)).toThrow(Fault);
  const small = inFlight.admit(1 * KIB);
  expect(inFlight.bytes).toBe((60 + 1 + 2 * 16) * KIB);
  first.release();
  first.release();
  expect(inFlight.bytes).toBe((1 + 16) * KIB);
  inFlight.admit(60 * KIB).release();
  small.release();
  expect(inFlight.bytes).toBe(0);
});

test('requests without a body cost something too, and one alone always passes', () => {
  const inFlight = createInFlight(20 * KIB);
  inFlight.admit(5_000 * KIB).release();
  const empty = inFlight.admit(0);
  expect(() => inFlight.admit(0)).toThrow('overloaded');
  empty.release();
});
