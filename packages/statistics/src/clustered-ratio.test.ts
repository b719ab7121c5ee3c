import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { clusteredRatio, pearsonDispersion } from './clustered-ratio.ts';
import { ratioInterval } from './log-ratio.ts';
import { type PairedTime } from './person-time.ts';

const SIX: readonly PairedTime[] = [
  { a: 0, t1: 2, b: 4, t0: 2 },
  { a: 1, t1: 3, b: 2, t0: 1 },
  { a: 2, t1: 4, b: 0, t0: 0 },
  { a: 0, t1: 0, b: 6, t0: 4 },
  { a: 3, t1: 2, b: 5, t0: 2 },
  { a: 0, t1: 3, b: 1, t0: 1 },
];

/** Accounts with some events in both groups. */
const accounts: fc.Arbitrary<readonly PairedTime[]> = fc
  .array(
    fc.record({
      a: fc.nat({ max: 9 }),
      t1: fc.integer({ min: 1, max: 50 }),
      b: fc.nat({ max: 9 }),
      t0: fc.integer({ min: 1, max: 50 }),
    }),
    { minLength: 2, maxLength: 60 },
  )
  .filter((all) => all.some(({ a }) => a > 0) && all.some(({ b }) => b > 0));

describe('of the six published accounts', () => {
  test('the ratio and the plain sandwich are the published ones', () => {
    const { ratio, logSe, degreesOfFreedom } = clusteredRatio(SIX, { smallSample: false });
    expect(ratio).toBeCloseTo(0.2380952, 7);
    expect(logSe).toBeCloseTo(0.3798728, 7);
    expect(degreesOfFreedom).toBeNull();
  });

  test('few accounts get the factor 6/5 and the t distribution unless told otherwise', () => {
    const estimate = clusteredRatio(SIX);
    expect(estimate.logSe).toBeCloseTo(0.4161298, 7);
    expect(estimate.degreesOfFreedom).toBe(5);
    expect(Math.log(ratioInterval(estimate).high / estimate.ratio)).toBeCloseTo(
      2.5705818 * 0.4161298,
      6,
    );
  });
});

test('from 40 accounts with time on the normal distribution serves', () => {
  const many = Array.from({ length: 40 }, () => ({ a: 1, t1: 2, b: 1, t0: 1 }));
  const nothing = { a: 0, t1: 0, b: 0, t0: 0 };
  expect(clusteredRatio([...many, nothing]).degreesOfFreedom).toBeNull();
  expect(clusteredRatio([...many.slice(1), nothing]).degreesOfFreedom).toBe(38);
});

test('exchanging the groups inverts the ratio; order and unit of time do not matter', () => {
  fc.assert(
    fc.property(accounts, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (all, scale) => {
      const { ratio, logSe } = clusteredRatio(all);
      const swapped = clusteredRatio(
        all.map(({ a, t1, b, t0 }) => ({ a: b, t1: t0, b: a, t0: t1 })),
      );
      expect(swapped.ratio * ratio).toBeCloseTo(1, 12);
      expect(swapped.logSe).toBeCloseTo(logSe, 12);
      const slower = all.map(({ a, t1, b, t0 }) => ({ a, t1: t1 * scale, b, t0: t0 * scale }));
      const other = clusteredRatio(slower.toReversed());
      expect(other.ratio / ratio).toBeCloseTo(1, 12);
      expect(other.logSe).toBeCloseTo(logSe, 12);
    }),
  );
});

test('the interval is finite and holds the ratio', () => {
  fc.assert(
    fc.property(accounts, (all) => {
      const estimate = clusteredRatio(all);
      const { low, high } = ratioInterval(estimate);
      expect(low <= estimate.ratio && estimate.ratio <= high && high < Infinity).toBe(true);
    }),
  );
});

test.each<readonly PairedTime[]>([
  [],
  [{ a: 1, t1: 1, b: 1, t0: 1 }],
  [
    { a: 0, t1: 1, b: 1, t0: 1 },
    { a: 0, t1: 1, b: 1, t0: 1 },
  ],
  [
    { a: 1, t1: 1, b: 0, t0: 1 },
    { a: 1, t1: 1, b: 0, t0: 1 },
  ],
  [
    { a: 1, t1: 0, b: 1, t0: 1 },
    { a: 1, t1: 1, b: 1, t0: 1 },
  ],
  [
    { a: 1, t1: 1, b: 1, t0: Number.NaN },
    { a: 1, t1: 1, b: 1, t0: 1 },
  ],
])('accounts without a ratio or a spread, or impossible ones, are refused: %j %j', (...all) => {
  expect(() => clusteredRatio(all)).toThrow(RangeError);
});

test('dispersion is 1 for counts that vary like Poisson ones and more for clumped ones', () => {
  const cells = [3, 5, 4, 8, 0].map((events) => ({ events, expected: 4 }));
  // (1 + 1 + 0 + 16 + 16) / 4 over 5 - 1.
  expect(pearsonDispersion(cells, 1)).toBeCloseTo(34 / 16, 12);
  expect(pearsonDispersion([...cells, { events: 0, expected: 0 }], 1)).toBeCloseTo(34 / 16, 12);
});

test.each([
  [[{ events: 1, expected: 0 }], 0],
  [[{ events: 1, expected: -1 }], 0],
  [[{ events: 1, expected: Number.NaN }], 0],
  [[{ events: 0.5, expected: 1 }], 0],
  [[{ events: 1, expected: 1 }], 1],
  [[{ events: 1, expected: 1 }], 0.5],
])('the dispersion of %j around %d parameters is refused', (cells, parameters) => {
  expect(() => pearsonDispersion(cells, parameters)).toThrow(RangeError);
});
