import { DEFAULT_DEFINITIONS, KPIS } from '@kpi/core';
import { expect, test } from 'vitest';

import { findAddress, idOf } from './address.ts';

test('every variant of every KPI is found by its id', () => {
  for (const kpi of KPIS) {
    for (const variant of kpi.variants) {
      const address = { kpi, variant };
      expect(findAddress(idOf(address), DEFAULT_DEFINITIONS)).toEqual(address);
    }
  }
});

test.each([
  ['customer_churn', 'customer_churn_rate'],
  ['costumer_churn_rate', 'customer_churn_rate'],
  ['customer_churn_rate.nett', 'customer_churn_rate.net'],
  ['CSAT', 'csat_score'],
])('%s is unknown, and %s is near', (id, near) => {
  expect(() => findAddress(id, DEFAULT_DEFINITIONS)).toThrow(
    expect.objectContaining({ code: 'kpi_unknown', detail: expect.stringContaining(near) }),
  );
});

test.each(['weather', '', 'x'.repeat(5_000), '__proto__', 'constructor'])(
  '%.20s is nothing like a KPI',
  (id) => {
    expect(() => findAddress(id, DEFAULT_DEFINITIONS)).toThrow(
      expect.objectContaining({
        code: 'kpi_unknown',
        detail: expect.stringContaining('lists them'),
      }),
    );
  },
);
