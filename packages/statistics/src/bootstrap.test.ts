import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { bootstrapInterval, seededRandom } from './bootstrap.ts';

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('of a mean of many alike values it is nearly the normal interval', () => {
  const values = Array.from({ length: 400 }, (_, index) => index % 20);
  const { low, high } = bootstrapInterval(values, mean, { draws: 999, seed: 1 });
  // Mean 9.5, standard deviation 5.766: 1.96 * 5.766 / 20 = 0.565.
  expect(low).toBeCloseTo(9.5 - 0.565, 0.8);
  expect(high).toBeCloseTo(9.5 + 0.565, 0.8);
});

test('its ends leave out one draw in forty each', () => {
  const draws: number[] = [];
  const remember = (sample: readonly number[]): number => {
    draws.push(mean(sample));
    return mean(sample);
  };
  const interval = bootstrapInterval([1, 5, 9, 40, 3], remember, { draws: 999, seed: 5 });
  const ascending = draws.toSorted((one, other) => one - other);
  expect(interval).toEqual({ low: ascending[24], high: ascending[974] });
});

test('the same seed gives the same interval, another another', () => {
  const values = Array.from({ length: 50 }, (_, index) => index ** 2);
  const of = (seed: number): object => bootstrapInterval(values, mean, { draws: 199, seed });
  expect(of(7)).toEqual(of(7));
  expect(of(7)).not.toEqual(of(8));
});

test('the interval of a mean lies within the values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 }),
      fc.integer(),
      (values, seed) => {
        const { low, high } = bootstrapInterval(values, mean, { draws: 199, seed });
        expect(Math.min(...values) <= low && low <= high && high <= Math.max(...values)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('random numbers are in [0, 1), even and not alike from seed to seed', () => {
  const random = seededRandom(3);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const value = random();
    expect(value >= 0 && value < 1).toBe(true);
    const bin = Math.floor(value * 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  const firsts = Array.from({ length: 100 }, (_, seed) => seededRandom(seed)());
  expect(new Set(firsts).size).toBe(100);
});

test('no units, too few or too many draws, no seed and no estimate are refused', () => {
  const options = { draws: 199, seed: 1 };
  expect(() => bootstrapInterval([], mean, options)).toThrow(RangeError);
  for (const draws of [0, 198, 199.5, 100_001])
    expect(() => bootstrapInterval([1], mean, { ...options, draws })).toThrow(RangeError);
  expect(() => bootstrapInterval([1], mean, { ...options, seed: 0.5 })).toThrow(RangeError);
  expect(() => bootstrapInterval([1], () => Number.NaN, options)).toThrow(RangeError);
});
