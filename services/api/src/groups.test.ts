import { expect, test } from 'vitest';

import { compareGroups, fillGaps, requireFew } from './groups.ts';

test('groups are in the order people expect, and those without a value, and all others, last', () => {
  const groups = [['364+'], ['(other)'], ['(none)'], ['28-84'], ['182-364'], ['0-28'], ['84-182']];
  expect(groups.toSorted(compareGroups).flat()).toEqual([
    '0-28',
    '28-84',
    '84-182',
    '182-364',
    '364+',
    '(none)',
    '(other)',
  ]);
  expect(
    [
      ['a', '2'],
      ['b', '1'],
      ['a', '(none)'],
      ['a', '10'],
    ].toSorted(compareGroups),
  ).toEqual([
    ['a', '2'],
    ['a', '10'],
    ['a', '(none)'],
    ['b', '1'],
  ]);
});

test('a group that appears once has a point at every as-of time', () => {
  const row = { asOf: 2, group: ['pro'], components: { start: 1n } };
  expect(fillGaps([row], [1, 2], 1)).toEqual([{ asOf: 1, group: ['pro'], components: {} }, row]);
});

test('without groups there is a point at every as-of time, also when nothing was counted', () => {
  expect(fillGaps([], [1, 2], 0)).toEqual([
    { asOf: 1, group: [], components: {} },
    { asOf: 2, group: [], components: {} },
  ]);
  expect(fillGaps([], [1, 2], 1)).toEqual([]);
});

test('too many groups are refused', () => {
  expect(() => requireFew(11, 10)).toThrow(expect.objectContaining({ code: 'parameter_invalid' }));
  expect(() => requireFew(10, 10)).not.toThrow();
});
