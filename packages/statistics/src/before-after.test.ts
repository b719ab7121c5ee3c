import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { conditionalRatio } from './before-after.ts';
import { ratioInterval } from './log-ratio.ts';

const pairs = fc.array(
  fc.record({
    a: fc.nat({ max: 9 }),
    t1: fc.integer({ min: 1, max: 400 }),
    b: fc.nat({ max: 9 }),
    t0: fc.integer({ min: 1, max: 400 }),
  }),
  { maxLength: 40 },
);

test('the published accounts have the published ratio and errors', () => {
  const estimate = conditionalRatio([
    { a: 0, t1: 4, b: 5, t0: 4 },
    { a: 1, t1: 6, b: 4, t0: 3 },
    { a: 2, t1: 5, b: 3, t0: 5 },
    { a: 0, t1: 2, b: 2, t0: 6 },
  ]);
  expect(estimate).toEqual({
    ratio: expect.closeTo(0.1828795, 7),
    logSe: expect.closeTo(0.6460671, 7),
    degreesOfFreedom: null,
    robustSe: expect.closeTo(0.6234803, 7),
  });
  expect(estimate && ratioInterval(estimate)).toEqual({
    low: expect.closeTo(0.0515504, 7),
    high: expect.closeTo(0.6487813, 7),
  });
});

test('accounts in one state, or without events, tell nothing', () => {
  const told = [
    { a: 3, t1: 10, b: 5, t0: 9 },
    { a: 1, t1: 7, b: 0, t0: 2 },
  ];
  const silent = [
    { a: 5, t1: 3, b: 0, t0: 0 },
    { a: 0, t1: 0, b: 4, t0: 3 },
    { a: 0, t1: 5, b: 0, t0: 5 },
  ];
  expect(conditionalRatio([...told, ...silent])).toEqual(conditionalRatio(told));
  expect(conditionalRatio(silent)).toBeUndefined();
  expect(conditionalRatio([{ a: 3, t1: 1, b: 0, t0: 1 }])).toBeUndefined();
  expect(conditionalRatio([{ a: 0, t1: 1, b: 3, t0: 1 }])).toBeUndefined();
});

test('of equal times it is the plain ratio', () => {
  const estimate = conditionalRatio([
    { a: 30, t1: 2, b: 50, t0: 2 },
    { a: 12, t1: 5, b: 10, t0: 5 },
  ]);
  expect(estimate?.ratio).toBeCloseTo(42 / 60, 12);
  expect(estimate?.logSe).toBeCloseTo(Math.sqrt(1 / 42 + 1 / 60), 12);
});

test('at the ratio the scores sum to 0, for any times', () => {
  const wild = fc.record({
    a: fc.nat({ max: 1_000 }),
    t1: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    b: fc.nat({ max: 1_000 }),
    t0: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(wild, { minLength: 1, maxLength: 20 }), (accounts) => {
      const estimate = conditionalRatio(accounts);
      fc.pre(estimate !== undefined);
      let [score, events] = [0, 0];
      for (const { a, t1, b, t0 } of accounts) {
        score += a - (a + b) / (1 + t0 / t1 / estimate.ratio);
        events += a + b;
      }
      expect(score / events).toBeCloseTo(0, 9);
      expect(Number.isFinite(estimate.logSe) && Number.isFinite(estimate.robustSe)).toBe(true);
    }),
  );
});

test('exchanging the states inverts it; order and unit of time do not matter', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(1e-6, 3, 1e9), (accounts, scale) => {
      const estimate = conditionalRatio(accounts);
      const swapped = conditionalRatio(
        accounts
          .map(({ a, t1, b, t0 }) => ({ a: b, t1: t0 * scale, b: a, t0: t1 * scale }))
          .toReversed(),
      );
      expect(swapped === undefined).toBe(estimate === undefined);
      if (estimate === undefined || swapped === undefined) return;
      expect(estimate.ratio * swapped.ratio).toBeCloseTo(1, 9);
      expect(swapped.logSe / estimate.logSe).toBeCloseTo(1, 9);
      expect(swapped.robustSe).toBeCloseTo(estimate.robustSe, 8);
    }),
  );
});

test.each([
  [-1, 1],
  [0.5, 1],
  [1, 0],
  [1, Number.NaN],
])('%d events in %d are refused', (a, t1) => {
  expect(() => conditionalRatio([{ a, t1, b: 1, t0: 1 }])).toThrow(RangeError);
});
