import { DEFAULT_DEFINITIONS, type Components, days, kpiOf } from '@kpi/core';
import { expect, test } from 'vitest';

import { compareValues } from './comparison.ts';
import { toEnvelope } from './envelope.ts';

const AT = Date.UTC(2026, 0, 31);

function valueOf(id: string, components: Components) {
  const [kpiId = '', name = ''] = id.split('.');
  const kpi = kpiOf(kpiId);
  const variant = kpi?.variants.find((one) => one.name === name);
  if (kpi === undefined || variant === undefined) throw new Error(`no KPI ${id}`);
  return toEnvelope(
    { kpi, variant, windowMs: days(28), segment: {}, definitions: DEFAULT_DEFINITIONS },
    components,
    { to: AT, asOf: AT, computedAt: AT, servedFrom: 'history', revision: 0, sources: {} },
  );
}

const churn = (churned: bigint, start: bigint) =>
  valueOf('customer_churn_rate', { churned, start });
const nps = (promoters: bigint, detractors: bigint) =>
  valueOf('nps_score', { responses: 100n, promoters, detractors });

test('a share is compared in percentage points and, separately, in percent', () => {
  const base = churn(8n, 200n);
  expect(compareValues(churn(9n, 200n), base, 'year')).toEqual({
    with: 'year',
    base,
    difference: expect.closeTo(0.5, 10),
    difference_unit: 'percentage_points',
    relative_percent: expect.closeTo(12.5, 10),
    direction: 'up',
  });
});

test('any other value is compared in its unit', () => {
  expect(compareValues(nps(40n, 30n), nps(50n, 30n), 'previous')).toMatchObject({
    difference: expect.closeTo(-10, 10),
    difference_unit: 'points',
    relative_percent: expect.closeTo(-50, 10),
    direction: 'down',
  });
});

test('a base of 0 or below has no percent', () => {
  expect(compareValues(churn(9n, 200n), churn(0n, 200n), 'year')).toMatchObject({
    difference: expect.closeTo(4.5, 10),
    relative_percent: null,
    direction: 'up',
  });
  expect(compareValues(nps(40n, 30n), nps(10n, 30n), 'year')).toMatchObject({
    difference: expect.closeTo(30, 10),
    relative_percent: null,
  });
});

test('no direction where few units are behind either value, no difference where one is none', () => {
  const [many, few, none] = [churn(9n, 200n), churn(1n, 9n), churn(0n, 0n)];
  for (const pair of [[many, few] as const, [few, many] as const])
    expect(compareValues(...pair, 'year')).toMatchObject({
      difference: expect.any(Number),
      direction: null,
    });
  for (const pair of [[many, none] as const, [none, many] as const])
    expect(compareValues(...pair, 'year')).toMatchObject({
      difference: null,
      relative_percent: null,
      direction: null,
    });
  expect(compareValues(many, many, 'previous')).toMatchObject({
    difference: 0,
    relative_percent: 0,
    direction: 'same',
  });
});
