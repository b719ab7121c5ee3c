import { DEFAULT_DEFINITIONS, PART, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { selectAddresses } from './stream-selection.ts';

function address(kpi: string, windowDays: number, dimension = '', tenant = 'acme'): string {
  return [tenant, kpi, String(days(windowDays)), dimension, dimension === '' ? '' : 'x'].join(PART);
}

test('without a selection every value of the tenant is wanted, and of nobody else', () => {
  const isWanted = selectAddresses('acme', {}, DEFAULT_DEFINITIONS);
  expect(isWanted(address('csat_score', 7))).toBe(true);
  expect(isWanted(address('csat_score', 7, 'plan'))).toBe(true);
  expect(isWanted(address('csat_score', 7, '', 'other'))).toBe(false);
});

test('windows and dimensions narrow it; values in all always come', () => {
  const isWanted = selectAddresses('acme', { window: '7d,28d', by: 'plan' }, DEFAULT_DEFINITIONS);
  expect(isWanted(address('csat_score', 7))).toBe(true);
  expect(isWanted(address('csat_score', 7, 'plan'))).toBe(true);
  expect(isWanted(address('csat_score', 7, 'tenure'))).toBe(false);
  expect(isWanted(address('csat_score', 1))).toBe(false);
  expect(
    selectAddresses('acme', { by: '' }, DEFAULT_DEFINITIONS)(address('csat_score', 7, 'plan')),
  ).toBe(false);
});

test('a KPI includes its variants, a variant is one of them', () => {
  const all = selectAddresses('acme', { kpi: 'customer_churn_rate' }, DEFAULT_DEFINITIONS);
  const one = selectAddresses('acme', { kpi: 'customer_churn_rate.net' }, DEFAULT_DEFINITIONS);
  const wanted = (id: string) => [all(address(id, 7)), one(address(id, 7))];
  expect(wanted('customer_churn_rate')).toEqual([true, false]);
  expect(wanted('customer_churn_rate.net')).toEqual([true, true]);
  expect(wanted('csat_score')).toEqual([false, false]);
});

test.each([
  [{ kpi: 'csat' }, 'kpi_unknown'],
  [{ window: 'long' }, 'parameter_invalid'],
  [{ by: 'colour' }, 'dimension_unknown'],
])('%j is refused with %s', (asked, code) => {
  expect(() => selectAddresses('acme', asked, DEFAULT_DEFINITIONS)).toThrow(
    expect.objectContaining({ code }),
  );
});
