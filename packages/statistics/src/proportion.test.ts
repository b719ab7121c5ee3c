import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type Trials,
  clusteredDifference,
  clusteredProportion,
  newcombe,
  wilson,
} from './proportion.ts';

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

const trials = fc
  .integer({ min: 1, max: 40 })
  .chain((n) => fc.record({ successes: fc.nat({ max: n }), n: fc.constant(n) }));
const clusters = fc.array(trials, { minLength: 2, maxLength: 30 });

test('the difference of two proportions is the published one', () => {
  const difference = newcombe({ successes: 45, n: 60 }, { successes: 40, n: 70 });
  expect(difference).toEqual({
    difference: expect.closeTo(0.1785714, 7),
    low: expect.closeTo(0.0145867, 7),
    high: expect.closeTo(0.327281, 7),
  });
});

test('a difference of proportions lies in its interval within [-1, 1] and changes sign with the groups', () => {
  fc.assert(
    fc.property(trials, trials, clusters, clusters, (one, zero, many, others) => {
      const pairs = [
        [newcombe(one, zero), newcombe(zero, one)],
        [clusteredDifference(many, others), clusteredDifference(others, many)],
      ] as const;
      for (const [{ difference, low, high }, mirrored] of pairs) {
        expect(-1 <= low && low <= difference && difference <= high && high <= 1).toBe(true);
        expect(mirrored.low).toBeCloseTo(-high, 12);
        expect(mirrored.difference).toBeCloseTo(-difference, 12);
      }
    }),
  );
});

describe('of six clusters', () => {
  const six: readonly Trials[] = [
    { successes: 3, n: 10 },
    { successes: 8, n: 9 },
    { successes: 1, n: 5 },
    { successes: 4, n: 4 },
    { successes: 0, n: 6 },
    { successes: 7, n: 12 },
  ];

  test('the interval is that of the ratio on the logit scale', () => {
    // Standard error of the logit 0.4957284, as of an estimating equation with independent working correlation.
    expect(clusteredProportion(six, { smallSample: false })).toEqual({
      share: 0.5,
      low: expect.closeTo(0.2745597313792466, 12),
      high: expect.closeTo(0.7254402686207534, 12),
    });
  });

  test('few of them get the factor 6/5 and the t distribution; empty ones do not count', () => {
    const wider = {
      share: 0.5,
      low: expect.closeTo(0.1984615995, 9),
      high: expect.closeTo(0.8015384005, 9),
    };
    expect(clusteredProportion(six)).toEqual(wider);
    expect(clusteredProportion([...six, { successes: 0, n: 0 }])).toEqual(wider);
  });
});

test('none or all is the interval of Wilson of the clusters, which are all that is known to be independent', () => {
  const all = Array.from({ length: 5 }, () => ({ successes: 30, n: 30 }));
  expect(clusteredProportion(all)).toEqual({ share: 1, ...wilson(5, 5) });
  const none = all.map(({ n }) => ({ successes: 0, n }));
  expect(clusteredProportion(none)).toEqual({ share: 0, ...wilson(0, 5) });
});

test('a clustered share lies in its interval within [0, 1], whatever the order, and mirrors with failure', () => {
  fc.assert(
    fc.property(clusters, (all) => {
      const { share, low, high } = clusteredProportion(all);
      expect(0 <= low && low <= share + 1e-15 && share - 1e-15 <= high && high <= 1).toBe(true);
      expect(clusteredProportion(all.toReversed()).low).toBeCloseTo(low, 12);
      const failures = all.map(({ successes, n }) => ({ successes: n - successes, n }));
      expect(clusteredProportion(failures).low).toBeCloseTo(1 - high, 12);
    }),
  );
});

test('no units, impossible ones and a single cluster that is divided are refused', () => {
  const one = { successes: 1, n: 2 };
  expect(() => clusteredProportion([])).toThrow(RangeError);
  expect(() => clusteredProportion([{ successes: 0, n: 0 }])).toThrow(RangeError);
  expect(() => clusteredProportion([one])).toThrow(RangeError);
  expect(() => clusteredProportion([one, { successes: 3, n: 2 }])).toThrow(RangeError);
  expect(() => clusteredDifference([one, one], [one])).toThrow(RangeError);
  expect(() => newcombe(one, { successes: 0, n: 0 })).toThrow(RangeError);
  expect(() => newcombe({ successes: 3, n: 2 }, one)).toThrow(RangeError);
});
