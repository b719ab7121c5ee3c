import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { logRank } from './log-rank.ts';
import { type FollowUp } from './risk-set.ts';

function event(time: number, enter = 0): FollowUp {
  return { time, enter, events: 1, censored: 0 };
}

function lost(time: number, enter = 0): FollowUp {
  return { time, enter, events: 0, censored: 1 };
}

const followUps = fc.array(
  fc.record({
    time: fc.integer({ min: 5, max: 20 }),
    enter: fc.nat({ max: 4 }),
    events: fc.nat({ max: 3 }),
    censored: fc.nat({ max: 3 }),
  }),
  { maxLength: 20 },
);

test('the remission times of Freireich et al. give the published statistic', () => {
  const treated = [
    ...[6, 6, 6, 7, 10, 13, 16, 22, 23].map((time) => event(time)),
    ...[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((time) => lost(time)),
  ];
  const placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
  expect(
    logRank(
      treated,
      placebo.map((time) => event(time)),
    ),
  ).toEqual({
    statistic: expect.closeTo(16.79294098921654, 10),
    pValue: expect.closeTo(4.168809109e-5, 10),
    observed: 9,
    expected: expect.closeTo(19.25050094803113, 10),
  });
});

test('who enters late is at risk from then on only', () => {
  const trained = [event(6, 2), lost(9, 3), event(4, 1), event(8, 5)];
  const untrained = [lost(2), event(3), lost(1), lost(5), event(7), event(10)];
  expect(logRank(trained, untrained)).toEqual({
    statistic: expect.closeTo(0.13508442776735483, 12),
    pValue: expect.closeTo(0.7132175023416225, 12),
    observed: 3,
    expected: expect.closeTo(2.6, 12),
  });
});

test('groups that are never at risk together cannot differ', () => {
  const nobody = { statistic: 0, pValue: 1 };
  expect(logRank([], [])).toMatchObject({ ...nobody, observed: 0, expected: 0 });
  expect(logRank([event(3)], [])).toMatchObject({ ...nobody, observed: 1, expected: 1 });
  expect(logRank([event(9, 5)], [event(4)])).toMatchObject(nobody);
});

test('exchanging the groups, their order and the unit of time change nothing', () => {
  fc.assert(
    fc.property(followUps, followUps, (one, zero) => {
      const ranked = logRank(one, zero);
      const slow = (all: readonly FollowUp[]): readonly FollowUp[] =>
        all
          .map((each) => ({ ...each, time: each.time * 7, enter: (each.enter ?? 0) * 7 }))
          .toReversed();
      const other = logRank(slow(zero), slow(one));
      expect(other.statistic).toBeCloseTo(ranked.statistic, 9);
      expect(ranked.pValue >= 0 && ranked.pValue <= 1).toBe(true);
      const events = [...one, ...zero].reduce((sum, each) => sum + each.events, 0);
      expect(ranked.observed + other.observed).toBe(events);
      expect(ranked.expected + other.expected).toBeCloseTo(events, 9);
    }),
  );
});

test.each([
  { time: 3, enter: 3 },
  { time: 3, enter: 4 },
  { time: 3, enter: -1 },
  { time: 3, enter: Number.NaN },
  { time: -3 },
])('a follow-up with %j is refused', (times) => {
  const bad = { events: 1, censored: 0, ...times };
  expect(() => logRank([bad], [])).toThrow(RangeError);
  expect(() => logRank([], [bad])).toThrow(RangeError);
});
