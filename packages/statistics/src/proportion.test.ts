import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { wilson } from './proportion.ts';

test.each([
  [45, 60, 0.6276793, 0.8422348],
  [40, 70, 0.4547784, 0.6806469],
])('Wilson of %i in %i is the published interval', (x, n, low, high) => {
  expect(wilson(x, n).low).toBeCloseTo(low, 7);
  expect(wilson(x, n).high).toBeCloseTo(high, 7);
});

/** KPI_SPEC section 2, as printed there. */
test.each([
  [2, 4, 15.0, 85.0, 1],
  [9, 200, 2.39, 8.33, 2],
  [5, 7, 35.89, 91.78, 2],
  [13, 500, 1.53, 4.4, 2],
  [0, 5, 0, 43.4, 1],
])('Wilson of %i in %i agrees with the worked example', (x, n, low, high) => {
  const digits = high === 85 || high === 43.4 ? 1 : 2;
  expect(wilson(x, n).low * 100).toBeCloseTo(low, digits);
  expect(wilson(x, n).high * 100).toBeCloseTo(high, digits);
});

test('none and all give exact ends', () => {
  expect(wilson(0, 5).low).toBe(0);
  expect(wilson(5, 5).high).toBe(1);
});

test('the interval lies in [0, 1] and holds the estimate, also for a billion units', () => {
  const counts = fc
    .integer({ min: 1, max: 1e9 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  fc.assert(
    fc.property(counts, ([x, n]) => {
      const { low, high } = wilson(x, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(x / n);
      expect(high).toBeGreaterThanOrEqual(x / n);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

test.each([
  [0, 0],
  [3, 2],
  [-1, 5],
  [0.5, 5],
  [1, Number.NaN],
  [1, Infinity],
])('%d of %d is refused', (x, n) => {
  expect(() => wilson(x, n)).toThrow(RangeError);
});
