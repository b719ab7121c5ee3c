import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type FollowUp, kaplanMeier, medianTime, shareBy } from './survival.ts';

function event(time: number, events = 1): FollowUp {
  return { time, events, censored: 0 };
}

function lost(time: number): FollowUp {
  return { time, events: 0, censored: 1 };
}

describe('the published example', () => {
  const points = kaplanMeier([event(1), event(2), event(2), lost(3), lost(4), event(5)]);

  test('has its curve and its band', () => {
    expect(points.map(({ time }) => time)).toEqual([1, 2, 5]);
    expect(points[0]?.survival).toBeCloseTo(5 / 6, 12);
    expect(points[0]?.low).toBeCloseTo(0.2731, 4);
    expect(points[0]?.high).toBeCloseTo(0.9747, 4);
    expect(points[1]?.survival).toBeCloseTo(0.5, 12);
    expect(points[1]?.low).toBeCloseTo(0.1109, 4);
    expect(points[1]?.high).toBeCloseTo(0.8037, 4);
    expect(points[2]).toMatchObject({ survival: 0, low: 0 });
  });

  test('has its median and shares', () => {
    expect(medianTime(points)).toEqual({ median: 2, low: 1, high: null });
    expect([0.5, 1, 2, 4.9].map((time) => shareBy(points, time))).toEqual([
      0,
      expect.closeTo(1 / 6, 12),
      expect.closeTo(0.5, 12),
      expect.closeTo(0.5, 12),
    ]);
  });
});

test('at one time events come before the lost', () => {
  const points = kaplanMeier([event(10), lost(14), event(14), event(21), lost(30)]);
  expect(points.map(({ survival }) => survival)).toEqual([
    expect.closeTo(0.8, 12),
    expect.closeTo(0.6, 12),
    expect.closeTo(0.3, 12),
  ]);
  expect(medianTime(points).median).toBe(21);
});

test('a half that nobody reached has no median', () => {
  expect(medianTime(kaplanMeier([event(3), lost(4), lost(5)])).median).toBeNull();
  expect(kaplanMeier([lost(4)])).toEqual([]);
  expect(medianTime([])).toEqual({ median: null, low: null, high: null });
});

test('the curve falls from 1 to 0 within its band, and order and units do not matter', () => {
  const followUp = fc.record({
    time: fc.nat({ max: 20 }),
    events: fc.nat({ max: 3 }),
    censored: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(followUp, { maxLength: 30 }), (followUps) => {
      const points = kaplanMeier(followUps);
      let before = 1;
      for (const { survival, low, high } of points) {
        expect(survival).toBeLessThan(before);
        expect(survival).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(survival);
        expect(high).toBeGreaterThanOrEqual(survival);
        expect(high).toBeLessThanOrEqual(1);
        before = survival;
      }
      expect(kaplanMeier(followUps.toReversed())).toEqual(points);
      const slower = kaplanMeier(followUps.map((one) => ({ ...one, time: one.time * 60 })));
      expect(slower.map(({ survival }) => survival)).toEqual(
        points.map(({ survival }) => survival),
      );
    }),
  );
});

test('without anybody lost it is the share of those still without the event', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 40 }), (times) => {
      const points = kaplanMeier(times.map((time) => event(time)));
      for (const { time, survival } of points) {
        const without = times.filter((one) => one > time).length / times.length;
        expect(survival).toBeCloseTo(without, 10);
      }
    }),
  );
});

test.each([
  [-1, 1, 0],
  [Number.NaN, 1, 0],
  [Infinity, 1, 0],
  [1, -1, 0],
  [1, 0.5, 0],
  [1, 0, -2],
])('a follow-up of %d with %d events and %d lost is refused', (time, events, censored) => {
  expect(() => kaplanMeier([{ time, events, censored }])).toThrow(RangeError);
});

describe('of late entries', () => {
  const at = (enter: number, time: number, events: number): FollowUp => ({
    enter,
    time,
    events,
    censored: 1 - events,
  });

  test('each is at risk from its entry on only', () => {
    const points = kaplanMeier([
      at(0, 3, 1),
      at(0, 5, 1),
      at(1, 4, 1),
      at(2, 6, 0),
      at(2, 7, 1),
      at(4, 8, 1),
      at(5, 9, 0),
    ]);
    // At risk: 5, 4, 4, 3, 2; who enters at 4 or at 5 is not yet at risk there.
    expect(points).toEqual(
      [
        [3, 0.8, 0.203809, 0.96918],
        [4, 0.6, 0.12573, 0.881756],
        [5, 0.45, 0.081834, 0.775122],
        [7, 0.3, 0.036931, 0.644404],
        [8, 0.15, 0.006674, 0.487506],
      ].map(([time, survival = 0, low = 0, high = 0]) => ({
        time,
        survival: expect.closeTo(survival, 6),
        low: expect.closeTo(low, 5),
        high: expect.closeTo(high, 5),
      })),
    );
  });

  test('an entry at 0 is none, and a late one never makes the curve rise', () => {
    const followUps = fc.array(
      fc.record({
        time: fc.integer({ min: 5, max: 20 }),
        enter: fc.nat({ max: 12 }),
        events: fc.nat({ max: 3 }),
        censored: fc.nat({ max: 3 }),
      }),
    );
    fc.assert(
      fc.property(followUps, (all) => {
        const possible = all.filter(({ time, enter }) => enter < time);
        let before = 1;
        for (const { survival, low, high } of kaplanMeier(possible)) {
          expect(0 <= low && low <= survival && survival <= high && high <= 1).toBe(true);
          expect(survival).toBeLessThanOrEqual(before);
          before = survival;
        }
        const early = all.map(({ time, events, censored }) => ({ time, events, censored }));
        expect(kaplanMeier(all.map((one) => ({ ...one, enter: 0 })))).toEqual(kaplanMeier(early));
      }),
    );
  });

  test.each([3, 4, -1, Number.NaN])('an entry at %d of a follow-up to 3 is refused', (enter) => {
    expect(() => kaplanMeier([at(enter, 3, 1)])).toThrow(RangeError);
  });
});
