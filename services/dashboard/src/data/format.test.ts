import { describe, expect, test } from 'vitest';

import {
  ageText,
  basisText,
  dimensionText,
  groupText,
  headline,
  intervalText,
  money,
  tickText,
  valueText,
  windowText,
} from './format.ts';
import { GROWTH, SHARE, TICKETS } from './test-value.ts';

describe('a value', () => {
  test('is a percentage for shares, with fewer digits when it is large', () => {
    expect(valueText(0.045, 'ratio')).toBe('4.50%');
    expect(valueText(0.714_28, 'ratio')).toBe('71.4%');
    expect(valueText(7.692, 'per_100_account_days')).toBe('7.69');
  });

  test('that does not exist is a dash, never 0', () => {
    expect(valueText(null, 'ratio')).toBe('\u2013');
    expect(valueText(0, 'ratio')).toBe('0.00%');
  });

  test('of growth says its direction', () => {
    expect(headline(GROWTH)).toBe('+20.0%');
    expect(headline({ ...GROWTH, value: -0.2 })).toBe('-20.0%');
    expect(headline(SHARE)).toBe('4.50%');
    expect(headline({ ...GROWTH, unit: 'money', value: 992.3 })).toBe('€992.30');
    expect(headline({ ...GROWTH, unit: 'money', value: 2_580.4 })).toBe('€2,580');
  });
});

test('an interval is in the unit of the value, and may have no upper end', () => {
  expect(intervalText(SHARE)).toBe('2.39% to 8.33%');
  expect(intervalText(TICKETS)).toBe('');
  const open = { level: 0.95, low: 1, high: null, method: 'garwood' };
  expect(intervalText({ ...TICKETS, ci: open })).toBe('1.00 to no limit');
});

describe('what stands behind a value', () => {
  test('is counted in the words of its kind', () => {
    expect(basisText(SHARE)).toBe('9 of 200');
    expect(basisText(TICKETS)).toBe('7 in 91 account-days, 4 accounts');
    expect(basisText(GROWTH)).toBe('€20,000 on €100,000, 1 account');
    expect(basisText({ ...GROWTH, unit: 'money' })).toBe('1 account');
    expect(basisText({ ...SHARE, unit: 'points', n: 59 })).toBe('59 answers');
    expect(basisText({ ...SHARE, unit: 'scale_points', n: 1 })).toBe('1 answer');
  });

  test('is not told when it is withheld', () => {
    const withheld = { ...SHARE, numerator: null, denominator: null, n: null };
    expect(basisText(withheld)).toContain('withheld');
  });
});

test('minor units follow the currency', () => {
  expect(money(1_234, 'JPY')).toBe('¥1,234');
  expect(money(-1_234, 'EUR')).toBe('-€12.34');
});

test('a number beside an axis has the digits it needs', () => {
  expect([0, 0.05, 0.5, 1, 2.5, -20].map(tickText)).toEqual([
    '0',
    '0.05',
    '0.5',
    '1',
    '2.5',
    '-20',
  ]);
});

test('groups, windows and dimensions are in words', () => {
  expect(['true', 'false', '(none)', 'pro'].map(groupText)).toEqual([
    'yes',
    'no',
    'unknown',
    'pro',
  ]);
  expect(windowText('28d')).toBe('28\u202Fd');
  expect(dimensionText('is_customer')).toBe('customer');
});

test.each([
  [-5, 'just now'],
  [1_400, 'just now'],
  [42_000, '42\u202Fs ago'],
  [600_000, '10\u202Fmin ago'],
  [7_200_000, '2\u202Fh ago'],
  [200_000_000, '2\u202Fd ago'],
])('an age of %i ms is %s', (ageMs, text) => {
  expect(ageText(ageMs)).toBe(text);
});
