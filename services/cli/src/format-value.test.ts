import { expect, test } from 'vitest';

import type { Value } from './client/kpi-answer.ts';
import { formatDifference, formatInterval, formatValue } from './format-value.ts';

function value(fields: Partial<Value>): Value {
  return {
    kpi_id: 'k',
    segment: {},
    window: { from: '', to: '' },
    as_of: '',
    value: 0.5,
    unit: 'ratio',
    currency: null,
    numerator: 1,
    denominator: 2,
    n: 2,
    ci: null,
    status: 'ok',
    notes: [],
    immature_n: 0,
    excluded: {},
    served_from: 'live',
    sources: {},
    revision: 0,
    ...fields,
  };
}

test.each([
  [{ value: 8_917 / 12_489 }, '71.40 %'],
  [{ value: null }, '–'],
  [{ value: 25, unit: 'points' }, '25.0 points'],
  [{ value: 2_580, unit: 'money', currency: 'EUR' }, '2,580.00 EUR'],
  [{ value: 7.6923, unit: 'per_100_account_days' }, '7.692 per 100 account-days'],
  [{ value: 2, unit: 'days' }, '2.00 d'],
  [{ value: 4.8333, unit: 'scale_points' }, '4.833'],
])('%j is shown as %s', (fields, text) => {
  expect(formatValue(value(fields))).toBe(text);
});

test.each([
  [{ ci: null }, ''],
  [{ ci: { level: 0.95, low: 0.15, high: 0.85 } }, '15.00 – 85.00'],
  [{ unit: 'per_100_account_days', ci: { level: 0.95, low: 0.5, high: null } }, '0.500 – ∞'],
])('the interval of %j is %s', (fields, text) => {
  expect(formatInterval(value(fields))).toBe(text);
});

test.each([
  [
    { difference: 0.5, difference_unit: 'percentage_points', relative_percent: 12.5 },
    '▲ +0.50 points, +12.5 %',
  ],
  [
    { difference: -10, difference_unit: 'points', relative_percent: null, direction: 'down' },
    '▼ -10.0 points',
  ],
  [
    { difference: 2, difference_unit: 'days', relative_percent: 50, direction: null },
    '+2.00 d, +50.0 %',
  ],
  [{ difference: null, difference_unit: 'days', direction: null }, '–'],
])('the difference %j is shown as %s', (fields, text) => {
  const byDefault = { with: 'previous', base: value({}), relative_percent: null, direction: 'up' };
  expect(formatDifference({ ...byDefault, ...fields })).toBe(text);
});
