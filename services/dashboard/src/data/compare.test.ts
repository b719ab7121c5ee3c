import { expect, test } from 'vitest';

import { compare, differenceText } from './compare.ts';
import { SHARE, TICKETS } from './test-value.ts';

test('shares are compared in points, rates in percent', () => {
  expect(compare(SHARE, { ...SHARE, value: 0.04 })).toEqual({
    kind: 'change',
    direction: 'up',
    text: '0.5 points',
  });
  expect(compare(TICKETS, { ...TICKETS, value: 10 })).toEqual({
    kind: 'change',
    direction: 'down',
    text: '23.1\u202F%',
  });
  const score = { ...SHARE, unit: 'points' } as const;
  expect(compare({ ...score, value: -10 }, { ...score, value: 5 })).toMatchObject({
    direction: 'down',
    text: '15.0 points',
  });
});

test('what rounds to nothing is no change', () => {
  expect(compare(SHARE, { ...SHARE, value: 0.0451 })).toMatchObject({ direction: 'same' });
});

test('nothing is compared where the data does not carry it', () => {
  const reasonOf = (...pair: Parameters<typeof compare>) => {
    const found = compare(...pair);
    return found.kind === 'none' ? found.reason : found.text;
  };
  expect(reasonOf(SHARE, undefined)).toContain('reading');
  expect(reasonOf(SHARE, { ...SHARE, value: null })).toContain('no value');
  expect(reasonOf({ ...SHARE, status: 'low_n' }, SHARE)).toContain('too few');
  expect(reasonOf(SHARE, { ...SHARE, status: 'suspect' })).toContain('too few');
  expect(reasonOf(TICKETS, { ...TICKETS, value: 0 })).toContain('0 in the window before');
  expect(reasonOf(SHARE, { ...SHARE, value: 0 })).toBe('4.5 points');
});

test('a change since a year ago is told in points and in percent, with an arrow where the data carries one', () => {
  const comparison = {
    with: 'year',
    base: SHARE,
    difference: 0.5,
    difference_unit: 'percentage_points',
    relative_percent: 12.5,
    direction: 'up',
  } as const;
  expect(differenceText(comparison)).toBe('\u25B2 +0.5 points (+12.5\u202F%)');
  expect(differenceText({ ...comparison, direction: null, relative_percent: null })).toBe(
    '+0.5 points',
  );
  const rate = { ...comparison, base: TICKETS, difference: -2, relative_percent: -20 };
  expect(differenceText({ ...rate, direction: 'down' })).toBe(
    '\u25BC -2.0 per 100 account-days (-20.0\u202F%)',
  );
  expect(differenceText({ ...comparison, difference: null })).toBe('not comparable');
});
