import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { garwood } from './rate.ts';

test.each([
  [30, 400, 0.0506022, 0.1070672],
  [0, 50, 0, 0.0737776],
])('Garwood of %i events in %i is the published interval', (events, exposure, low, high) => {
  expect(garwood(events, exposure).low).toBeCloseTo(low, 7);
  expect(garwood(events, exposure).high).toBeCloseTo(high, 7);
});

test('no events give exactly 0 below', () => {
  expect(garwood(0, 1).low).toBe(0);
});

test('the interval is finite and holds the rate, for few and for very many events', () => {
  const events = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1e7 }));
  const exposure = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(events, exposure, (a, time) => {
      const { low, high } = garwood(a, time);
      expect(low).toBeLessThanOrEqual(a / time);
      expect(high).toBeGreaterThan(a / time);
      expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
    }),
  );
});

test.each([
  [1, 0],
  [1, -2],
  [1, Number.NaN],
  [1, Infinity],
  [-1, 2],
  [1.5, 2],
])('%d events in %d are refused', (events, exposure) => {
  expect(() => garwood(events, exposure)).toThrow(RangeError);
});
