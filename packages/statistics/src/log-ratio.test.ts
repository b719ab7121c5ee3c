import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type LogRatio, ratioInterval, ratioPValue } from './log-ratio.ts';

const estimates = fc.record({
  ratio: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  logSe: fc.double({ min: 0, max: 5, noNaN: true }),
  degreesOfFreedom: fc.option(fc.integer({ min: 1, max: 60 })),
});

test('the normal interval and p-value are those of the log-Wald ratio', () => {
  const estimate = { ratio: 0.625, logSe: Math.sqrt(1 / 30 + 1 / 60), degreesOfFreedom: null };
  expect(ratioInterval(estimate).low).toBeCloseTo(0.4032233, 7);
  expect(ratioInterval(estimate).high).toBeCloseTo(0.9687561, 7);
  expect(ratioPValue(estimate)).toBeCloseTo(0.0355603, 7);
});

test('few degrees of freedom widen the interval', () => {
  // t(0.975; 5) = 2.570582.
  const estimate = { ratio: 2, logSe: 0.1, degreesOfFreedom: 5 };
  expect(Math.log(ratioInterval(estimate).high / 2)).toBeCloseTo(0.2570582, 7);
});

test('the interval holds the ratio, is that of the inverse inverted, and agrees with the p-value', () => {
  fc.assert(
    fc.property(estimates, (estimate) => {
      const { low, high } = ratioInterval(estimate);
      expect(low).toBeLessThanOrEqual(estimate.ratio);
      expect(high).toBeGreaterThanOrEqual(estimate.ratio);
      const inverse = ratioInterval({ ...estimate, ratio: 1 / estimate.ratio });
      expect(inverse.low * high).toBeCloseTo(1, 9);
      const pValue = ratioPValue(estimate);
      expect(pValue >= 0 && pValue <= 1).toBe(true);
      if (Math.abs(pValue - 0.05) > 1e-6) expect(pValue < 0.05).toBe(low > 1 || high < 1);
    }),
  );
});

test('a ratio without spread is itself', () => {
  const known = { ratio: 0.7, logSe: 0, degreesOfFreedom: 3 };
  expect(ratioInterval(known)).toEqual({ low: 0.7, high: 0.7 });
  const pValues = [0.7, 1, 1 + 1e-15].map((ratio) => ratioPValue({ ...known, ratio }));
  expect(pValues).toEqual([0, 1, 1]);
});

test.each<LogRatio>([
  { ratio: 0, logSe: 1, degreesOfFreedom: null },
  { ratio: Infinity, logSe: 1, degreesOfFreedom: null },
  { ratio: 1, logSe: -1, degreesOfFreedom: null },
  { ratio: 1, logSe: Number.NaN, degreesOfFreedom: null },
  { ratio: 1, logSe: 1, degreesOfFreedom: 0 },
])('$ratio with $logSe on $degreesOfFreedom is refused', (estimate) => {
  expect(() => ratioInterval(estimate)).toThrow(RangeError);
  expect(() => ratioPValue(estimate)).toThrow(RangeError);
});
