import { describe, expect, test } from 'vitest';

import {
  ageText,
  basisText,
  changeText,
  dimensionText,
  groupText,
  headline,
  intervalText,
  money,
  valueText,
  windowText,
} from '../public/format.js';
import type { KpiValue } from '../public/types.d.ts';

const SHARE: KpiValue = {
  kpi_id: 'customer_churn_rate',
  segment: {},
  window: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-29T00:00:00.000Z', resolution_ms: 1 },
  as_of: '2026-01-29T00:00:00.000Z',
  value: 0.045,
  unit: 'ratio',
  currency: null,
  numerator: 9,
  denominator: 200,
  n: 200,
  ci: { low: 0.0239, high: 0.0833 },
  status: 'ok',
  notes: [],
  immature_n: 0,
  served_from: 'live',
  sources: {},
};
const TICKETS: KpiValue = {
  ...SHARE,
  value: 7.692,
  unit: 'per_100_account_days',
  numerator: 7,
  denominator: 91 * 86_400_000,
  n: 4,
  ci: null,
};
const GROWTH: KpiValue = {
  ...SHARE,
  value: 0.2,
  currency: 'EUR',
  numerator: 2_000_000,
  denominator: 10_000_000,
  n: 1,
};

describe('a value', () => {
  test('is a percentage for shares, with fewer digits when it is large', () => {
    expect(valueText(0.045, 'ratio')).toBe('4.50\u202F%');
    expect(valueText(0.714_28, 'ratio')).toBe('71.4\u202F%');
    expect(valueText(7.692, 'per_100_account_days')).toBe('7.69');
  });

  test('that does not exist is a dash, never 0', () => {
    expect(valueText(null, 'ratio')).toBe('\u2013');
    expect(valueText(0, 'ratio')).toBe('0.00\u202F%');
  });

  test('of growth says its direction', () => {
    expect(headline(GROWTH)).toBe('+20.0\u202F%');
    expect(headline({ ...GROWTH, value: -0.2 })).toBe('\u221220.0\u202F%');
    expect(headline(SHARE)).toBe('4.50\u202F%');
  });
});

test('an interval is in the unit of the value', () => {
  expect(intervalText(SHARE)).toBe('95\u202F% interval 2.39\u202F% to 8.33\u202F%');
  expect(intervalText(TICKETS)).toBe('');
});

describe('what stands behind a value', () => {
  test('is counted in the words of its kind', () => {
    expect(basisText(SHARE)).toBe('9 of 200');
    expect(basisText({ ...SHARE, immature_n: 3 })).toBe('9 of 200 \u00B7 3 too young to count');
    expect(basisText(TICKETS)).toBe('7 in 91.0 account-days \u00B7 4 accounts');
    expect(basisText(GROWTH)).toBe('EUR\u00A020,000.00 on EUR\u00A0100,000.00 \u00B7 1 account');
  });

  test('is not told when it is withheld', () => {
    expect(basisText({ ...SHARE, numerator: null, denominator: null, n: null })).toBe('withheld');
  });
});

test('minor units follow the currency', () => {
  expect(money(1_234, 'JPY')).toBe('JPY\u00A01,234');
  expect(money(-1_234, 'EUR')).toBe('\u2212EUR\u00A012.34');
});

test('a change of a share is in percentage points', () => {
  expect(changeText(0.045, 0.04, 'ratio')).toBe('+0.5 points');
  expect(changeText(0.04, 0.045, 'ratio')).toBe('\u22120.5 points');
  expect(changeText(0.0451, 0.045, 'ratio')).toBe('unchanged');
  expect(changeText(7.7, 9.2, 'per_100_account_days')).toBe('\u22121.5');
});

test('groups are in words', () => {
  expect(['true', 'false', '(none)', 'pro'].map(groupText)).toEqual([
    'yes',
    'no',
    'unknown',
    'pro',
  ]);
  expect(windowText('28d')).toBe('28\u202Fd');
  expect(dimensionText('is_customer')).toBe('is customer');
});

test.each([
  [-5, 'just now'],
  [1_400, 'just now'],
  [42_000, '42 s ago'],
  [600_000, '10 min ago'],
  [7_200_000, '2 h ago'],
  [200_000_000, '2 d ago'],
])('an age of %i ms is %s', (ageMs, text) => {
  expect(ageText(ageMs)).toBe(text);
});
