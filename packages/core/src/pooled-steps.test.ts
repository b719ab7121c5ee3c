import { expect, test } from 'vitest';

import { pooledSteps } from './pooled-steps.ts';

const dimensions = {};

test('an entity counts as the mean of what holds, and as nothing while nothing does', () => {
  const answers = [
    { from: 10, to: 40, weight: 12, dimensions },
    { from: 20, to: 30, weight: -12, dimensions },
    { from: 20, to: 50, weight: 6, dimensions },
    { from: 60, to: Infinity, weight: 5, dimensions },
    { from: 70, to: 70, weight: 9, dimensions },
  ];
  expect(pooledSteps(answers, ({ count, sum }) => sum / count)).toEqual([
    { at: 10, weight: 12 },
    { at: 20, weight: -10 },
    { at: 30, weight: 7 },
    { at: 40, weight: -3 },
    { at: 50, weight: -6 },
    { at: 60, weight: 5 },
    { at: Infinity, weight: -5 },
  ]);
});

test('what pools to the same is no step', () => {
  const answers = [
    { from: 10, to: 40, weight: 1, dimensions },
    { from: 20, to: 30, weight: 7, dimensions },
  ];
  expect(pooledSteps(answers, () => 1)).toEqual([
    { at: 10, weight: 1 },
    { at: 40, weight: -1 },
  ]);
});
