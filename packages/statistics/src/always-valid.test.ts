import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { alwaysValidHalfWidth, alwaysValidInterval } from './always-valid.ts';
import { ratioInterval } from './log-ratio.ts';

test.each([
  [0.05, 0.1636509],
  [0.1, 0.3101539],
  [0.2, 0.6082125],
  [0.4, 1.3487306],
])('of a standard error of %d the half-width is the published %d', (logSe, half) => {
  expect(alwaysValidHalfWidth(logSe)).toBeCloseTo(half, 7);
  expect(alwaysValidHalfWidth(logSe, { tau: 0.5, alpha: 0.05 })).toBeCloseTo(half, 7);
});

test('the interval lies around the ratio on the log scale and inverts with it', () => {
  const estimate = { ratio: 0.7, logSe: 0.1, degreesOfFreedom: 12 };
  const { low, high } = alwaysValidInterval(estimate);
  expect(low).toBeCloseTo(0.7 * Math.exp(-0.3101539), 7);
  expect(high).toBeCloseTo(0.7 * Math.exp(0.3101539), 7);
  const inverse = alwaysValidInterval({ ...estimate, ratio: 1 / 0.7 });
  expect(inverse.low * high).toBeCloseTo(1, 12);
});

test('it is wider than the ordinary one, grows with the error and is finite', () => {
  const logSe = fc.double({ min: 1e-200, max: 20, noNaN: true });
  fc.assert(
    fc.property(logSe, fc.double({ min: 0.01, max: 5, noNaN: true }), (se, tau) => {
      const half = alwaysValidHalfWidth(se, { tau });
      expect(half).toBeGreaterThan(1.96 * se);
      expect(alwaysValidHalfWidth(se * 1.01, { tau })).toBeGreaterThan(half);
      const estimate = { ratio: 2, logSe: se, degreesOfFreedom: null };
      expect(alwaysValidInterval(estimate).low).toBeLessThanOrEqual(ratioInterval(estimate).low);
    }),
  );
});

test('without error it is the ratio', () => {
  const known = { ratio: 2, logSe: 0, degreesOfFreedom: null };
  expect(alwaysValidInterval(known)).toEqual({ low: 2, high: 2 });
});

test.each([
  [-1, {}],
  [Number.NaN, {}],
  [Infinity, {}],
  [1, { tau: 0 }],
  [1, { tau: Number.NaN }],
  [1, { alpha: 0 }],
  [1, { alpha: 1 }],
])('a standard error of %d with %j is refused', (logSe, options) => {
  expect(() => alwaysValidHalfWidth(logSe, options)).toThrow(RangeError);
  const estimate = { ratio: 1, logSe, degreesOfFreedom: null };
  expect(() => alwaysValidInterval(estimate, options)).toThrow(RangeError);
});
