import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { eventStudy } from './event-study.ts';
import { type PanelRow } from './panel.ts';

const WIDTH = { leads: 2, lags: 2 };

/** Rows of an account with these events in whole periods from 0 on. */
function track(
  account: string,
  cohort: number | null,
  events: readonly number[],
): readonly PanelRow[] {
  return events.map((count, period) => ({ account, cohort, period, events: count, time: 1 }));
}

const panel: fc.Arbitrary<readonly PanelRow[]> = fc
  .array(
    fc.record({
      cohort: fc.constantFrom(null, null, 2, 3, 4),
      stratum: fc.constantFrom('basic', 'pro'),
      events: fc.array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 7 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((accounts) =>
    accounts.flatMap(({ cohort, stratum, events }, index) =>
      track(`account ${index}`, cohort, events).map((row) => ({ ...row, stratum })),
    ),
  );

describe('of two trained and two others', () => {
  const study = eventStudy(
    [
      ...track('a', 2, [5, 5, 3, 2]),
      ...track('b', 2, [3, 4, 1, 1]),
      ...track('c', null, [5, 4, 3, 4]),
      ...track('d', null, [4, 2, 2, 2]),
    ],
    WIDTH,
  );

  test('changes since the period before training are held against those of the others', () => {
    const estimates = study?.points.map(({ eventTime, estimate }) => [eventTime, estimate]);
    // Placebo: (0 + 1)/2 - (-1 - 2)/2. Then (-2 - 3)/2 - (-1 + 0)/2 and (-3 - 3)/2 - (0 + 0)/2.
    expect(estimates).toEqual([
      [-1, 2],
      [0, -2],
      [1, -3],
    ]);
  });

  test('the error is that of a difference of two means, and few accounts need the t distribution', () => {
    // Changes at 0: -2 and -3, -1 and 0. Each mean has variance 0.5/2. t(0.975; 1) = 12.706205.
    const half = 12.706205 * Math.sqrt(0.25 + 0.25);
    expect(study?.points[1]).toEqual({
      eventTime: 0,
      estimate: -2,
      low: expect.closeTo(-2 - half, 5),
      high: expect.closeTo(-2 + half, 5),
      accounts: 2,
    });
    expect(study?.preTrend).toEqual({
      statistic: expect.closeTo(2 ** 2 / 0.5, 12),
      degreesOfFreedom: 1,
      pValue: expect.closeTo(0.0046777, 7),
    });
  });
});

test('who is trained later is a control until then, and never after', () => {
  const rows = [
    ...track('a', 1, [4, 1, 1, 1]),
    ...track('b', 1, [4, 2, 2, 2]),
    ...track('c', 3, [4, 4, 4, 9]),
    ...track('d', 3, [4, 4, 4, 9]),
  ];
  const points = eventStudy(rows, { leads: 0, lags: 2 })?.points;
  // Once the later ones are trained nobody is left to compare with: neither 2 after the first, nor their own effect.
  expect(points?.map(({ eventTime, estimate }) => [eventTime, estimate])).toEqual([
    [0, -2.5],
    [1, -2.5],
  ]);
});

test('accounts are compared within their stratum only', () => {
  const rows = [
    ...track('a', 1, [8, 4]),
    ...track('b', 1, [8, 4]),
    ...track('c', null, [8, 4]),
    ...track('d', null, [8, 4]),
  ].map((row) => ({ ...row, stratum: 'large' }));
  const small = [...track('e', null, [1, 1]), ...track('f', null, [1, 1])];
  expect(eventStudy([...rows, ...small], WIDTH)?.points[0]?.estimate).toBe(0);
  const mixed = [...rows, ...small].map((row) => ({ ...row, stratum: 'all' }));
  expect(eventStudy(mixed, WIDTH)?.points[0]?.estimate).toBe(-2);
});

test('a short period counts for less, and without time in one of the two an account is not compared', () => {
  const controls = [...track('c', null, [0, 0]), ...track('d', null, [0, 0])];
  const short: readonly PanelRow[] = [
    { account: 'b', cohort: 1, period: 0, events: 0, time: 1 },
    { account: 'b', cohort: 1, period: 1, events: 1, time: 0.25 },
    { account: 'x', cohort: 1, period: 1, events: 9, time: 1 },
  ];
  const study = eventStudy([...track('a', 1, [0, 1]), ...short, ...controls], WIDTH);
  // Weights 1/2 and 0.25/1.25 of changes 1 and 4.
  expect(study?.points[0]?.estimate).toBeCloseTo((0.5 * 1 + 0.2 * 4) / 0.7, 12);
  expect(study?.points[0]?.accounts).toBe(2);
});

test('changes that are all alike but for rounding test nothing', () => {
  const rows = ['a', 'b', 'c', 'd'].flatMap((account, index) =>
    track(account, index < 2 ? 2 : null, [1, index < 2 ? 4 : 2, 0]).map((row) => ({
      ...row,
      time: 0.1 * (1 + index) * 3,
      events: row.events * (1 + index),
    })),
  );
  const study = eventStudy(rows, WIDTH);
  const placebo = study?.points[0];
  expect(placebo?.low).toBe(placebo?.high);
  expect(study?.preTrend).toBeNull();
});

test('without anybody to compare there is no study', () => {
  expect(eventStudy([], WIDTH)).toBeUndefined();
  expect(eventStudy(track('a', null, [1, 2, 3]), WIDTH)).toBeUndefined();
  expect(
    eventStudy([...track('a', 1, [1, 2]), ...track('b', null, [1, 2])], WIDTH),
  ).toBeUndefined();
});

test('order, cutting rows in two and the unit of time change nothing but the unit', () => {
  fc.assert(
    fc.property(panel, fc.constantFrom(1, 28, 2_419_200_000), (rows, scale) => {
      const study = eventStudy(rows, WIDTH);
      const other = eventStudy(
        rows.toReversed().flatMap((row) => [
          { ...row, time: (row.time * scale) / 4 },
          { ...row, events: 0, time: (row.time * scale * 3) / 4 },
        ]),
        WIDTH,
      );
      expect(other === undefined).toBe(study === undefined);
      for (const [index, point] of (study?.points ?? []).entries()) {
        const same = other?.points[index];
        expect(same).toMatchObject({ eventTime: point.eventTime, accounts: point.accounts });
        for (const end of ['estimate', 'low', 'high'] as const)
          expect((same?.[end] ?? Number.NaN) * scale).toBeCloseTo(point[end], 9);
      }
      expect(other?.preTrend?.degreesOfFreedom).toBe(study?.preTrend?.degreesOfFreedom);
    }),
  );
});

test('points are in order and hold their estimate; no number is none', () => {
  fc.assert(
    fc.property(panel, (rows) => {
      const study = eventStudy(rows, WIDTH);
      if (study === undefined) return;
      const times = study.points.map(({ eventTime }) => eventTime);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      for (const { estimate, low, high, accounts } of study.points)
        expect(low <= estimate && estimate <= high && accounts > 1).toBe(true);
      const { preTrend } = study;
      expect(preTrend === null || (preTrend.pValue >= 0 && preTrend.pValue <= 1)).toBe(true);
    }),
  );
});

test.each([
  { period: 0.5 },
  { cohort: Number.NaN },
  { events: -1 },
  { events: 1, time: 0 },
  { time: Infinity },
])('a row with %j is refused', (fault) => {
  const row = { account: 'a', cohort: 1, period: 0, events: 0, time: 1, ...fault };
  expect(() => eventStudy([row], WIDTH)).toThrow(RangeError);
});

test('an account of two cohorts or strata, and leads that are no count, are refused', () => {
  const rows = track('a', 1, [1, 1]);
  expect(() => eventStudy([...rows, ...track('a', 2, [1])], WIDTH)).toThrow(RangeError);
  const other = rows.map((row) => ({ ...row, stratum: 'other' }));
  expect(() => eventStudy([...rows, ...other], WIDTH)).toThrow(RangeError);
  expect(() => eventStudy(rows, { leads: -1, lags: 0 })).toThrow(RangeError);
  expect(() => eventStudy(rows, { leads: 0, lags: 0.5 })).toThrow(RangeError);
});
