import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { clusteredRatio } from './clustered-ratio.ts';
import { ratioInterval } from './log-ratio.ts';
import { mantelHaenszel } from './mantel-haenszel.ts';
import { type StratumTime, sumStrata } from './strata.ts';

const PUBLISHED: readonly StratumTime[] = [
  { account: 'x', stratum: 'early', a: 12, t1: 40, b: 30, t0: 60 },
  { account: 'y', stratum: 'middle', a: 10, t1: 100, b: 20, t0: 120 },
  { account: 'z', stratum: 'late', a: 8, t1: 200, b: 10, t0: 150 },
];

const cell: fc.Arbitrary<StratumTime> = fc
  .record({
    account: fc.integer({ min: 1, max: 12 }).map(String),
    stratum: fc.constantFrom('early', 'middle', 'late'),
    a: fc.nat({ max: 6 }),
    t1: fc.nat({ max: 30 }),
    b: fc.nat({ max: 6 }),
    t0: fc.nat({ max: 30 }),
  })
  .map((one) => ({ ...one, a: one.t1 === 0 ? 0 : one.a, b: one.t0 === 0 ? 0 : one.b }));
const company = fc.array(cell, { minLength: 1, maxLength: 60 });

describe('of the published strata', () => {
  const pooled = mantelHaenszel(PUBLISHED);

  test('ratio and independent error are the published ones', () => {
    expect(pooled?.ratio).toBeCloseTo(0.6, 12);
    expect(pooled?.greenlandRobinsSe).toBeCloseTo(0.225521, 7);
    const logSe = pooled?.greenlandRobinsSe ?? 0;
    const interval = ratioInterval({ ratio: 0.6, logSe, degreesOfFreedom: null });
    expect(interval).toEqual({
      low: expect.closeTo(0.3856448, 7),
      high: expect.closeTo(0.9335015, 7),
    });
  });

  test('so is the difference, and the strata agree', () => {
    expect(pooled?.difference).toMatchObject({
      difference: expect.closeTo(-0.0652751, 7),
      low: expect.closeTo(-0.1199056, 7),
      high: expect.closeTo(-0.0106447, 7),
    });
    expect(pooled?.homogeneity).toEqual({
      q: expect.closeTo(0, 12),
      degreesOfFreedom: 2,
      pValue: expect.closeTo(1, 12),
    });
  });

  test('the crude ratio of the same data is further from 1', () => {
    expect(clusteredRatio(PUBLISHED).ratio).toBeCloseTo(0.4852941, 7);
  });
});

test('numerator and denominator are the published ones', () => {
  const [numerator, denominator] = sumStrata(PUBLISHED).reduce(
    ([up, down], { a, t1, b, t0 }) => [up + (a * t0) / (t1 + t0), down + (b * t1) / (t1 + t0)],
    [0, 0],
  );
  expect(numerator).toBeCloseTo(16.0831169, 7);
  expect(denominator).toBeCloseTo(26.8051948, 7);
});

test('strata that lack a group drop out and are told', () => {
  const pooled = mantelHaenszel([
    ...PUBLISHED,
    { account: 'x', stratum: 'new', a: 0, t1: 0, b: 20, t0: 110 },
    { account: 'w', stratum: 'old', a: 3, t1: 10, b: 0, t0: 0 },
  ]);
  expect(pooled?.ratio).toBeCloseTo(0.6, 12);
  expect(pooled?.accounts).toBe(3);
  expect(pooled?.overlap).toEqual({
    time1: 340 / 350,
    time0: 330 / 440,
    events1: 30 / 33,
    events0: 60 / 80,
  });
  expect(pooled?.strata.map(({ stratum, isUsed }) => [stratum, isUsed])).toEqual([
    ['early', true],
    ['late', true],
    ['middle', true],
    ['new', false],
    ['old', false],
  ]);
});

test('in one stratum it is the clustered crude ratio', () => {
  fc.assert(
    fc.property(company, (cells) => {
      const alike = cells.map((one) => ({ ...one, stratum: 'all' }));
      const pooled = mantelHaenszel(alike);
      fc.pre(pooled !== undefined);
      const sum = (rows: readonly StratumTime[], read: (one: StratumTime) => number): number =>
        rows.reduce((total, one) => total + read(one), 0);
      const accounts = [...Map.groupBy(alike, ({ account }) => account).values()].map((rows) => ({
        a: sum(rows, (one) => one.a),
        t1: sum(rows, (one) => one.t1),
        b: sum(rows, (one) => one.b),
        t0: sum(rows, (one) => one.t0),
      }));
      const crude = clusteredRatio(accounts);
      expect(pooled.ratio / crude.ratio).toBeCloseTo(1, 12);
      expect(pooled.logSe).toBeCloseTo(crude.logSe, 10);
      expect(pooled.degreesOfFreedom).toBe(crude.degreesOfFreedom);
    }),
  );
});

test('exchanging the groups inverts the ratio and its interval', () => {
  fc.assert(
    fc.property(company, (cells) => {
      const pooled = mantelHaenszel(cells);
      const swapped = mantelHaenszel(
        cells.map((one) => ({ ...one, a: one.b, t1: one.t0, b: one.a, t0: one.t1 })),
      );
      fc.pre(pooled !== undefined && swapped !== undefined);
      expect(pooled.ratio * swapped.ratio).toBeCloseTo(1, 10);
      expect(ratioInterval(pooled).low * ratioInterval(swapped).high).toBeCloseTo(1, 8);
      expect(pooled.difference.difference).toBeCloseTo(-swapped.difference.difference, 12);
      expect(pooled.difference.clusteredSe).toBeCloseTo(swapped.difference.clusteredSe, 12);
      expect(pooled.greenlandRobinsSe).toBeCloseTo(swapped.greenlandRobinsSe, 10);
    }),
  );
});

test('neither order, nor cutting time in two, nor its unit matters', () => {
  fc.assert(
    fc.property(company, fc.constantFrom(1, 7, 86_400_000), (cells, scale) => {
      const pooled = mantelHaenszel(cells);
      const other = mantelHaenszel(
        cells.toReversed().flatMap((one) => [
          { ...one, t1: one.t1 * scale * 0.75, t0: one.t0 * scale * 0.75 },
          { ...one, a: 0, b: 0, t1: one.t1 * scale * 0.25, t0: one.t0 * scale * 0.25 },
        ]),
      );
      expect(other === undefined).toBe(pooled === undefined);
      if (pooled === undefined || other === undefined) return;
      expect(other.ratio / pooled.ratio).toBeCloseTo(1, 12);
      expect(other.logSe).toBeCloseTo(pooled.logSe, 10);
      expect(other.difference.difference * scale).toBeCloseTo(pooled.difference.difference, 10);
      expect(other.difference.clusteredSe * scale).toBeCloseTo(pooled.difference.clusteredSe, 10);
      expect([other.accounts, other.overlap.events1]).toEqual([
        pooled.accounts,
        pooled.overlap.events1,
      ]);
    }),
  );
});

test('every number is one, intervals hold their estimate, shares are shares', () => {
  fc.assert(
    fc.property(company, (cells) => {
      const pooled = mantelHaenszel(cells);
      if (pooled === undefined) return;
      const { low, high } = ratioInterval(pooled);
      expect(low <= pooled.ratio && pooled.ratio <= high).toBe(true);
      const { difference } = pooled;
      expect(difference.low <= difference.difference).toBe(true);
      expect(difference.difference <= difference.high).toBe(true);
      for (const share of Object.values(pooled.overlap))
        expect(share >= 0 && share <= 1).toBe(true);
      expect(pooled.homogeneity === null || pooled.homogeneity.pValue <= 1).toBe(true);
      expect(pooled.dispersion === null || pooled.dispersion >= 0).toBe(true);
      expect(pooled.accountsWithEvents).toBeLessThanOrEqual(pooled.accounts);
      expect(pooled.accounts1 + pooled.accounts0).toBeGreaterThanOrEqual(pooled.accounts);
    }),
  );
});

test('accounts are counted in each group, and with events', () => {
  const pooled = mantelHaenszel([
    { account: 'x', stratum: 's', a: 2, t1: 3, b: 0, t0: 0 },
    { account: 'y', stratum: 's', a: 0, t1: 1, b: 1, t0: 2 },
    { account: 'z', stratum: 's', a: 0, t1: 0, b: 0, t0: 9 },
    { account: 'w', stratum: 's', a: 0, t1: 0, b: 0, t0: 0 },
  ]);
  expect(pooled).toMatchObject({ accounts: 3, accounts1: 2, accounts0: 2, accountsWithEvents: 2 });
});

test('clumped events show as dispersion', () => {
  const clumps = Array.from({ length: 60 }, (_, index) => ({
    account: String(index),
    stratum: 's',
    a: index % 4 === 0 ? 4 : 0,
    t1: 1,
    b: index % 4 === 1 ? 8 : 0,
    t0: 1,
  }));
  // Means 1 and 2: (15*9 + 45*1)/1 and (15*36 + 45*4)/2, over 120 - 2.
  expect(mantelHaenszel(clumps)?.dispersion).toBeCloseTo((180 + 360) / 118, 12);
});

test('without events in a group, without a common stratum or with one account there is no ratio', () => {
  const one = { account: 'x', stratum: 's', a: 1, t1: 1, b: 1, t0: 1 };
  const other = { ...one, account: 'y' };
  expect(mantelHaenszel([])).toBeUndefined();
  expect(mantelHaenszel([one])).toBeUndefined();
  expect(mantelHaenszel([one, other])).toBeDefined();
  expect(mantelHaenszel([one, other].map((cells) => ({ ...cells, a: 0 })))).toBeUndefined();
  expect(mantelHaenszel([one, other].map((cells) => ({ ...cells, b: 0 })))).toBeUndefined();
  expect(
    mantelHaenszel([
      { ...one, b: 0, t0: 0 },
      { ...one, stratum: 'r', a: 0, t1: 0 },
    ]),
  ).toBeUndefined();
});

test('a million cells are no more than a long sum', { timeout: 60_000 }, () => {
  const cells = Array.from({ length: 1_000_000 }, (_, index) => ({
    account: `account ${Math.floor(index / 10)}`,
    stratum: `stratum ${index % 10}`,
    a: index % 3 === 0 ? 1 : 0,
    t1: 86_400_000,
    b: index % 2,
    t0: 86_400_000,
  }));
  expect(mantelHaenszel(cells)?.ratio).toBeCloseTo(2 / 3, 5);
});

test.each([
  { a: 1, t1: 0 },
  { a: -1, t1: 1 },
  { a: 0.5, t1: 1 },
  { a: 1, t1: -1 },
  { a: 1, t1: Number.NaN },
])('$a events in $t1 are refused', (half) => {
  const bad = { account: 'x', stratum: 's', b: 0, t0: 1, ...half };
  expect(() => mantelHaenszel([bad])).toThrow(RangeError);
});
