import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { benjaminiHochberg } from './multiple-testing.ts';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

test('the published 25 comparisons have 2 discoveries at 10 %, 6 at 25 % and these adjusted values', () => {
  const published = [
    0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275,
    0.34, 0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
  ];
  const count = (rate?: number): number =>
    benjaminiHochberg(published, rate).filter(({ isDiscovery }) => isDiscovery).length;
  expect(
    benjaminiHochberg(published)
      .map(({ adjusted }) => adjusted)
      .slice(0, 8),
  ).toEqual(
    [0.025, 0.1, 0.21, 0.21, 0.21, 0.25, (0.074 * 25) / 7, 0.4910714285714286].map((value) =>
      expect.closeTo(value, 12),
    ),
  );
  expect([count(), count(0.25)]).toEqual([2, 6]);
});

test('a discovery is at most the largest p-value below its share of the rate', () => {
  fc.assert(
    fc.property(pValues, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (values, rate) => {
      const ascending = values.toSorted((one, other) => one - other);
      const limit = ascending.findLast(
        (value, index) => value * (values.length / (index + 1)) <= rate,
      );
      for (const { pValue, adjusted, isDiscovery } of benjaminiHochberg(values, rate)) {
        expect(isDiscovery).toBe(limit !== undefined && pValue <= limit);
        expect(adjusted >= pValue && adjusted <= 1).toBe(true);
      }
    }),
  );
});

test('each comparison stays in its place, whatever the order', () => {
  fc.assert(
    fc.property(pValues, (values) => {
      const compared = benjaminiHochberg(values);
      expect(compared.map(({ pValue }) => pValue)).toEqual(values);
      expect(benjaminiHochberg(values.toReversed())).toEqual(compared.toReversed());
    }),
  );
});

test.each([
  [[-0.1], 0.1],
  [[1.1], 0.1],
  [[Number.NaN], 0.1],
  [[0.5], 0],
  [[0.5], 1],
])('p-values %j at a rate of %d are refused', (values, rate) => {
  expect(() => benjaminiHochberg(values, rate)).toThrow(RangeError);
});
