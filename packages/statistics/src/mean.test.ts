import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { adjustedWald, studentT } from './mean.ts';

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
