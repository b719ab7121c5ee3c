import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type ContrastTime } from './contrast.ts';
import { differenceInDifferences } from './difference-in-differences.ts';
import { ratioInterval } from './log-ratio.ts';

type Four = readonly [before: number, after: number, before: number, after: number];

/** One treated and one control account with these events in these times. */
function contrast(events: Four, times: Four, stratum?: string): readonly ContrastTime[] {
  return [0, 1, 2, 3].map((index) => ({
    account: `${stratum ?? ''} ${index < 2 ? 'treated' : 'control'}`,
    isTreated: index < 2,
    isAfter: index % 2 === 1,
    events: events[index] ?? 0,
    time: times[index] ?? 0,
    ...(stratum === undefined ? {} : { stratum }),
  }));
}

const cells: fc.Arbitrary<readonly ContrastTime[]> = fc.array(
  fc.record({
    account: fc.integer({ min: 1, max: 15 }).map(String),
    isTreated: fc.boolean(),
    isAfter: fc.boolean(),
    events: fc.nat({ max: 6 }),
    time: fc.integer({ min: 1, max: 30 }),
    stratum: fc.constantFrom('one', 'two', 'three'),
  }),
  { maxLength: 80 },
);

test('the published four cells have the published ratio, error and interval', () => {
  const estimate = differenceInDifferences(contrast([120, 60, 200, 150], [300, 280, 520, 500]));
  expect(estimate?.ratio).toBeCloseTo(0.6868132, 7);
  expect(estimate?.poissonSe).toBeCloseTo(0.1914854, 7);
  const logSe = estimate?.poissonSe ?? 0;
  const interval = ratioInterval({ ratio: estimate?.ratio ?? 0, logSe, degreesOfFreedom: null });
  expect(interval).toEqual({
    low: expect.closeTo(0.4718956, 7),
    high: expect.closeTo(0.9996116, 6),
  });
  expect(estimate?.totals).toEqual({
    treatedBefore: { events: 120, time: 300 },
    treatedAfter: { events: 60, time: 280 },
    controlBefore: { events: 200, time: 520 },
    controlAfter: { events: 150, time: 500 },
  });
});

test('in one stratum the clustered error is the plain sandwich', () => {
  const rows: readonly ContrastTime[] = [
    { account: 'a', isTreated: true, isAfter: false, events: 5, time: 4 },
    { account: 'a', isTreated: true, isAfter: true, events: 1, time: 3 },
    { account: 'b', isTreated: true, isAfter: false, events: 2, time: 2 },
    { account: 'b', isTreated: true, isAfter: true, events: 2, time: 5 },
    { account: 'c', isTreated: false, isAfter: false, events: 3, time: 4 },
    { account: 'c', isTreated: false, isAfter: true, events: 3, time: 4 },
    { account: 'd', isTreated: false, isAfter: false, events: 6, time: 3 },
    { account: 'd', isTreated: false, isAfter: true, events: 1, time: 2 },
  ];
  // Events less rate times time, each over the events of its cell: 7 in 6, 3 in 8, 9 in 7, 4 in 6.
  const a = 1 / 3 - 3 / 8 - (5 / 7 - 4 / 6);
  const b = 2 / 3 - 5 / 8 - (2 / 7 - 2 / 6);
  const c = 3 / 9 - 4 / 7 - (3 / 4 - 4 / 6);
  const d = 6 / 9 - 3 / 7 - (1 / 4 - 2 / 6);
  const squares = a ** 2 + b ** 2 + c ** 2 + d ** 2;
  const estimate = differenceInDifferences(rows);
  expect(estimate?.logSe).toBeCloseTo(Math.sqrt((squares * 4) / 3), 12);
  expect(estimate?.degreesOfFreedom).toBe(3);
  expect(estimate?.accounts).toBe(4);
  const plain = differenceInDifferences(rows, { smallSample: false });
  expect(plain?.logSe).toBeCloseTo(Math.sqrt(squares), 12);
  expect(plain?.degreesOfFreedom).toBeNull();
});

describe('with strata', () => {
  test('of equal times it pools like odds ratios', () => {
    // Odds ratios of (12, 8; 9, 20), (3, 7; 2, 9) and (20, 15; 10, 30).
    const estimate = differenceInDifferences([
      ...contrast([8, 12, 20, 9], [1, 1, 1, 1], 'one'),
      ...contrast([7, 3, 9, 2], [1, 1, 1, 1], 'two'),
      ...contrast([15, 20, 30, 10], [1, 1, 1, 1], 'three'),
    ]);
    expect(estimate?.ratio).toBeCloseTo(3.429276315789474, 12);
    expect(estimate?.poissonSe).toBeCloseTo(0.36119893613066983, 12);
  });

  test('each treated account is held against its own controls, not against all', () => {
    // No effect; in either stratum the rate falls as it does in its controls, which are many where it falls fast.
    const estimate = differenceInDifferences([
      ...contrast([100, 10, 10, 1], [100, 100, 10, 10], 'fast'),
      ...contrast([10, 10, 1000, 1000], [10, 10, 1000, 1000], 'steady'),
    ]);
    expect(estimate?.ratio).toBeCloseTo(1, 12);
    const mixed = differenceInDifferences([
      ...contrast([110, 20, 1010, 1001], [110, 110, 1010, 1010]),
    ]);
    expect(mixed?.ratio).toBeLessThan(0.2);
  });

  test('a stratum without controls drops out and is told', () => {
    const rows = contrast([12, 6, 20, 15], [30, 28, 52, 50], 'one');
    const lonely = contrast([8, 2, 0, 0], [20, 22, 0, 0], 'two');
    const estimate = differenceInDifferences([...rows, ...lonely]);
    expect(estimate?.overlap).toEqual({ time: 58 / 100, events: 18 / 28 });
    expect(estimate).toMatchObject({ ratio: differenceInDifferences(rows)?.ratio, accounts: 2 });
  });
});

test.each<Four>([
  [0, 6, 20, 15],
  [12, 0, 20, 15],
  [12, 6, 0, 15],
  [12, 6, 20, 0],
])('without events in one of the cells there is no ratio: %d %d %d %d', (...events) => {
  expect(differenceInDifferences(contrast(events, [30, 28, 52, 50]))).toBeUndefined();
});

test('without cells, in common strata too, there is no ratio', () => {
  expect(differenceInDifferences([])).toBeUndefined();
  const apart = [
    ...contrast([1, 3, 0, 1], [1, 1, 1, 1], 'one'),
    ...contrast([1, 0, 3, 1], [1, 1, 1, 1], 'two'),
  ];
  expect(differenceInDifferences(apart)).toBeUndefined();
});

test('exchanging treated and controls, or before and after, inverts it', () => {
  fc.assert(
    fc.property(cells, (rows) => {
      const estimate = differenceInDifferences(rows);
      const others = [
        differenceInDifferences(rows.map((row) => ({ ...row, isTreated: !row.isTreated }))),
        differenceInDifferences(rows.map((row) => ({ ...row, isAfter: !row.isAfter }))),
      ];
      for (const other of others) {
        expect(other === undefined).toBe(estimate === undefined);
        if (estimate === undefined || other === undefined) continue;
        expect(estimate.ratio * other.ratio).toBeCloseTo(1, 9);
        expect(other.logSe).toBeCloseTo(estimate.logSe, 8);
        expect(other.poissonSe).toBeCloseTo(estimate.poissonSe, 8);
      }
    }),
  );
});

test('neither order, nor cutting time in two, nor its unit matters; no number is none', () => {
  fc.assert(
    fc.property(cells, fc.constantFrom(1, 7, 86_400_000), (rows, scale) => {
      const estimate = differenceInDifferences(rows);
      const other = differenceInDifferences(
        rows.toReversed().flatMap((row) => [
          { ...row, time: row.time * scale * 0.25 },
          { ...row, events: 0, time: row.time * scale * 0.75 },
        ]),
      );
      expect(other === undefined).toBe(estimate === undefined);
      if (estimate === undefined || other === undefined) return;
      expect(other.ratio / estimate.ratio).toBeCloseTo(1, 10);
      expect(other.logSe).toBeCloseTo(estimate.logSe, 9);
      expect(other.poissonSe).toBeCloseTo(estimate.poissonSe, 9);
      const { low, high } = ratioInterval(estimate);
      expect(low <= estimate.ratio && estimate.ratio <= high).toBe(true);
    }),
  );
});

test.each([
  [1, 0],
  [-1, 1],
  [0.5, 1],
  [1, Number.NaN],
])('%d events in %d are refused', (events, time) => {
  const rows = contrast([12, 6, 20, events], [30, 28, 52, time]);
  expect(() => differenceInDifferences(rows)).toThrow(RangeError);
});
