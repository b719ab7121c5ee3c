import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type RateGroup } from './person-time.ts';
import {
  EXACT_EVENTS_MAX,
  exactRatio,
  exactRatioPValue,
  logWaldRatio,
  midPRatio,
  midPRatioPValue,
  rateDifference,
  rateRatio,
} from './rate-ratio.ts';

const close = (value: number): unknown => expect.closeTo(value, 7);

/** Groups whose rates are within some powers of ten of each other. */
function groups(eventsMax: number): fc.Arbitrary<RateGroup> {
  return fc.record({
    events: fc.nat({ max: eventsMax }),
    time: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  });
}

describe('of 30 events in 400 against 60 in 500', () => {
  const one = { events: 30, time: 400 };
  const zero = { events: 60, time: 500 };

  test('all intervals are the published ones', () => {
    expect(rateRatio(one, zero)).toBeCloseTo(0.625, 12);
    expect(logWaldRatio(one, zero)).toEqual({ low: close(0.4032233), high: close(0.9687561) });
    expect(exactRatio(one, zero)).toEqual({ low: close(0.389199), high: close(0.9843348) });
    expect(midPRatio(one, zero)).toEqual({
      low: close(0.3987391),
      high: close(0.9639244),
      median: close(0.626721),
    });
  });

  test('both p-values and the difference are the published ones', () => {
    expect(exactRatioPValue(one, zero)).toBeCloseTo(0.0419833, 7);
    expect(midPRatioPValue(one, zero)).toBeCloseTo(0.0331469, 7);
    expect(rateDifference(one, zero)).toEqual({
      difference: close(-0.045),
      low: close(-0.0855244),
      high: close(-0.0044756),
    });
  });
});

describe('without events in a group', () => {
  const none = { events: 0, time: 50 };
  const some = { events: 7, time: 60 };

  test('the published limits are one-sided', () => {
    expect(rateRatio(none, some)).toBe(0);
    expect(exactRatio(none, some)).toEqual({ low: 0, high: close(0.8325768) });
    expect(midPRatio(none, some)).toEqual({ low: 0, high: close(0.6409529), median: 0 });
    expect(exactRatioPValue(none, some)).toBeCloseTo(0.0287303, 7);
  });

  test('the other way round nothing bounds them above', () => {
    expect(rateRatio(some, none)).toBeNull();
    expect(exactRatio(some, none)).toEqual({ low: close(1 / 0.8325768), high: null });
    expect(midPRatio(some, none)).toMatchObject({ high: null, median: null });
    expect(() => logWaldRatio(some, none)).toThrow(RangeError);
    expect(() => logWaldRatio(none, some)).toThrow(RangeError);
  });

  test('no events at all say nothing', () => {
    expect(exactRatio(none, none)).toEqual({ low: 0, high: null });
    expect(midPRatio(none, none)).toEqual({ low: 0, high: null, median: null });
    expect([exactRatioPValue(none, none), midPRatioPValue(none, none)]).toEqual([1, 1]);
    expect(() => rateDifference(none, none)).toThrow(RangeError);
  });
});

test('of millions of events and of rare ones the limits are those of the beta distribution', () => {
  const many = exactRatio({ events: 1_000_000, time: 3 }, { events: 990_000, time: 4 });
  expect(many.low).toBeCloseTo(1.343062708898504, 10);
  expect(many.high).toBeCloseTo(1.3505504047630816, 10);
  const rare = exactRatio({ events: 1, time: 1 }, { events: 1_000_000, time: 1 });
  expect(rare.low * 1e6).toBeCloseTo(0.025317782987, 9);
  expect((rare.high ?? 0) * 1e6).toBeCloseTo(5.571656126783, 9);
});

test('exchanging the groups inverts the ratio and its intervals', () => {
  fc.assert(
    fc.property(groups(500), groups(500), (one, zero) => {
      fc.pre(one.events > 0 && zero.events > 0);
      for (const interval of [logWaldRatio, exactRatio, midPRatio]) {
        const { low, high } = interval(one, zero);
        const inverse = interval(zero, one);
        expect(low * (inverse.high ?? 0)).toBeCloseTo(1, 10);
        expect((high ?? 0) * inverse.low).toBeCloseTo(1, 10);
      }
      expect(midPRatioPValue(one, zero)).toBeCloseTo(midPRatioPValue(zero, one), 12);
      expect(rateDifference(one, zero).low).toBeCloseTo(-rateDifference(zero, one).high, 9);
    }),
  );
});

test('the intervals hold the estimate, the exact one the mid-P one, and p-values agree with them', () => {
  fc.assert(
    fc.property(groups(3_000), groups(3_000), (one, zero) => {
      const exact = exactRatio(one, zero);
      const midP = midPRatio(one, zero);
      const ratio = rateRatio(one, zero) ?? Infinity;
      expect(exact.low).toBeLessThanOrEqual(midP.low);
      expect(midP.low).toBeLessThanOrEqual(ratio);
      expect(midP.high ?? Infinity).toBeGreaterThanOrEqual(Math.min(ratio, Number.MAX_VALUE));
      expect(exact.high ?? Infinity).toBeGreaterThanOrEqual(midP.high ?? Infinity);
      const excludesOne = ({ low, high }: { low: number; high: number | null }): boolean =>
        low > 1 || (high ?? Infinity) < 1;
      expect(exactRatioPValue(one, zero) < 0.05).toBe(excludesOne(exact));
      expect(midPRatioPValue(one, zero) < 0.05).toBe(excludesOne(midP));
    }),
    { numRuns: 60 },
  );
});

test('the unit of time does not matter to ratios and scales differences', () => {
  const scale = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(groups(200), groups(200), scale, (one, zero, by) => {
      fc.pre(one.events + zero.events > 0);
      const slow = (group: RateGroup): RateGroup => ({ ...group, time: group.time * by });
      const [before, after] = [exactRatio(one, zero), exactRatio(slow(one), slow(zero))];
      expect(after.low).toBeCloseTo(before.low, 9 - Math.ceil(Math.log10(1 + before.low)));
      expect(after.high === null).toBe(before.high === null);
      const [wide, narrow] = [rateDifference(one, zero), rateDifference(slow(one), slow(zero))];
      expect((narrow.high - narrow.low) * by).toBeCloseTo(wide.high - wide.low, 6);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [1, 0],
  [0, 0],
  [1, -1],
  [1, Number.NaN],
  [1, Infinity],
  [-1, 1],
  [0.5, 1],
])('%d events in %d are refused', (events, time) => {
  const good = { events: 3, time: 2 };
  const bad = { events, time };
  for (const of of [
    rateRatio,
    logWaldRatio,
    exactRatio,
    midPRatio,
    exactRatioPValue,
    rateDifference,
  ]) {
    expect(() => of(bad, good)).toThrow(RangeError);
    expect(() => of(good, bad)).toThrow(RangeError);
  }
});

test('more events than the beta function can tell apart are refused', () => {
  const many = { events: EXACT_EVENTS_MAX, time: 1 };
  expect(() => exactRatio(many, { events: 1, time: 1 })).toThrow(RangeError);
});
