import { expect, test } from 'vitest';

import { waldTest } from './wald.ts';

test('independent estimates add their squares', () => {
  const covariances = [
    [4, 0],
    [0, 9],
  ];
  const joint = waldTest([2, 3], covariances);
  expect(joint).toEqual({
    statistic: 2,
    degreesOfFreedom: 2,
    pValue: expect.closeTo(Math.exp(-1), 12),
  });
});

test('dependent ones are weighted by the inverse of their covariances', () => {
  // The inverse is (2, -1; -1, 2) / 3.
  const covariances = [
    [2, 1],
    [1, 2],
  ];
  expect(waldTest([3, 0], covariances)?.statistic).toBeCloseTo(6, 12);
  expect(waldTest([3, 3], covariances)?.statistic).toBeCloseTo(6, 12);
  expect(waldTest([3, -3], covariances)?.statistic).toBeCloseTo(18, 12);
});

test('an estimate that others determine, or that does not vary, gives no degree of freedom', () => {
  const covariances = [
    [1, 0, 1, 0],
    [0, 4, 4, 0],
    [1, 4, 5, 0],
    [0, 0, 0, 0],
  ];
  const joint = waldTest([1, 2, 3, 7], covariances);
  expect(joint).toMatchObject({ statistic: expect.closeTo(2, 9), degreesOfFreedom: 2 });
});

test('without anything that varies there is no test', () => {
  expect(waldTest([], [])).toBeNull();
  expect(waldTest([1], [[0]])).toBeNull();
});
