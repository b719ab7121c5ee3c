import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { adjustedWald, meanDifference, netScoreDifference, studentT } from './mean.ts';

test('the published net promoter interval', () => {
  const { low, high } = adjustedWald(4, 2, 8);
  expect(low * 100).toBeCloseTo(-29.417, 3);
  expect(high * 100).toBeCloseTo(65.78, 2);
});

test('an interval of a difference of shares is finite, in order and within [-1, 1]', () => {
  const count = fc.nat({ max: 5_000 });
  fc.assert(
    fc.property(count, count, count, (positive, negative, others) => {
      fc.pre(positive + negative + others > 0);
      const { low, high } = adjustedWald(positive, negative, positive + negative + others);
      expect(low).toBeGreaterThanOrEqual(-1);
      expect(low).toBeLessThan(high);
      expect(high).toBeLessThanOrEqual(1);
      const mirrored = adjustedWald(negative, positive, positive + negative + others);
      expect(mirrored.low).toBeCloseTo(-high, 12);
    }),
  );
});

test.each([
  [0, 0, 0],
  [2, 2, 3],
  [-1, 0, 3],
  [0.5, 0, 3],
])('%d up and %d down of %d are refused', (positive, negative, n) => {
  expect(() => adjustedWald(positive, negative, n)).toThrow(RangeError);
});

test('the t interval of a published example', () => {
  // Student's sleep data, differences in tenths of an hour: mean 15.8, interval 7.0 to 24.6.
  const scores = [12, 24, 13, 13, 0, 10, 18, 8, 46, 14];
  const sum = scores.reduce((total, one) => total + one, 0);
  const squares = scores.reduce((total, one) => total + one ** 2, 0);
  const { low, high } = studentT(scores.length, sum, squares);
  expect(low).toBeCloseTo(7.001142, 5);
  expect(high).toBeCloseTo(24.598858, 5);
});

test('the t interval holds the mean; of equal scores it is the mean', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2 }), (scores) => {
      const sum = scores.reduce((total, one) => total + one, 0);
      const squares = scores.reduce((total, one) => total + one ** 2, 0);
      const { low, high } = studentT(scores.length, sum, squares);
      const mean = sum / scores.length;
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
      if (new Set(scores).size === 1) expect([low, high]).toEqual([mean, mean]);
    }),
  );
});

test('of very many equal scores too', () => {
  const n = 987_654_321;
  expect(studentT(n, 7 * n, 49 * n)).toEqual({ low: 7, high: 7 });
});

test.each([
  [1, 3, 9],
  [2, 6, 10],
  [0, 0, 0],
])('%d scores of sum %d and squares %d are refused', (n, sum, squares) => {
  expect(() => studentT(n, sum, squares)).toThrow(RangeError);
});

test('the variances of two net scores add up on the adjusted scale', () => {
  const { difference, low, high } = netScoreDifference(
    { positive: 4, negative: 2, n: 8 },
    { positive: 10, negative: 30, n: 60 },
  );
  // 2/11 with standard error 0.24285, less -20/63 with variance (41.5/63 - (20/63)^2)/63.
  const second = (41.5 / 63 - (20 / 63) ** 2) / 63;
  const centre = 2 / 11 + 20 / 63;
  expect(difference).toBeCloseTo(2 / 8 + 20 / 60, 12);
  expect((low + high) / 2).toBeCloseTo(centre, 12);
  expect((high - low) / 2).toBeCloseTo(1.959964 * Math.sqrt(0.24285 ** 2 + second), 4);
});

test('the interval of a difference of net scores holds it, within [-2, 2], and mirrors', () => {
  const score = fc
    .tuple(fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.nat({ max: 40 }))
    .filter(([positive, negative, others]) => positive + negative + others > 0)
    .map(([positive, negative, others]) => ({
      positive,
      negative,
      n: positive + negative + others,
    }));
  fc.assert(
    fc.property(score, score, (one, zero) => {
      const { difference, low, high } = netScoreDifference(one, zero);
      expect(-2 <= low && low <= difference && difference <= high && high <= 2).toBe(true);
      expect(netScoreDifference(zero, one).low).toBeCloseTo(-high, 12);
    }),
  );
});

test('the Welch interval of two groups of unequal spread', () => {
  const { difference, low, high } = meanDifference(
    { n: 25, sum: 590, sumOfSquares: 14_334 },
    { n: 10, sum: 277, sumOfSquares: 8_613 },
  );
  expect(difference).toBeCloseTo(-4.1, 12);
  expect(low).toBeCloseTo(-11.513391086257274, 9);
  expect(high).toBeCloseTo(3.313391086257278, 9);
});

test('the Welch interval holds the difference and mirrors; of equal scores it is the difference', () => {
  const scores = fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(scores, scores, (one, zero) => {
      const [first, second] = [one, zero].map((all) => ({
        n: all.length,
        sum: all.reduce((total, each) => total + each, 0),
        sumOfSquares: all.reduce((total, each) => total + each ** 2, 0),
      }));
      if (first === undefined || second === undefined) return;
      const { difference, low, high } = meanDifference(first, second);
      expect(low <= difference && difference <= high).toBe(true);
      expect(meanDifference(second, first).low).toBeCloseTo(-high, 12);
      if (new Set(one).size === 1 && new Set(zero).size === 1) expect(high).toBe(low);
    }),
  );
});

test('differences of impossible scores are refused', () => {
  const good = { n: 2, sum: 3, sumOfSquares: 5 };
  for (const bad of [
    { n: 1, sum: 3, sumOfSquares: 9 },
    { n: 2, sum: 6, sumOfSquares: 10 },
    { n: 2, sum: Number.NaN, sumOfSquares: 10 },
  ]) {
    expect(() => meanDifference(good, bad)).toThrow(RangeError);
    expect(() => meanDifference(bad, good)).toThrow(RangeError);
  }
  const score = { positive: 1, negative: 1, n: 3 };
  expect(() => netScoreDifference(score, { ...score, n: 1 })).toThrow(RangeError);
  expect(() => netScoreDifference({ ...score, n: 0 }, score)).toThrow(RangeError);
});
