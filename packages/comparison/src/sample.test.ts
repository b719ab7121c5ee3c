import { expect, test } from 'vitest';

import { sampleOf } from './sample.ts';
import { account } from './test-scenario.ts';

const accounts = Array.from({ length: 100 }, (_, index) => account(`a${index}`));

test('a sample is the same in any order, and without tickets of nobody', () => {
  const sample = sampleOf([account(''), ...accounts], 30);
  expect(sample).toHaveLength(30);
  expect(sampleOf(accounts.toReversed(), 30)).toEqual(sample);
  expect(sample.map((one) => one.account)).not.toContain('');
});

test('of few accounts it is all, in an order that is not theirs', () => {
  const sample = sampleOf(accounts, 1_000);
  expect(new Set(sample)).toEqual(new Set(accounts));
  expect(sample).not.toEqual(accounts);
});
