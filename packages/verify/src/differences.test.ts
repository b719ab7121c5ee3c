import { type ComponentRow, DEFAULT_DEFINITIONS, type KpiQuery } from '@kpi/core';
import { expect, test } from 'vitest';

import { type Disagreement, compareRows, lasting } from './differences.ts';

function row(group: readonly string[], components: Readonly<Record<string, bigint>>): ComponentRow {
  return { asOf: 1, group, components };
}

test('equal answers have no differences, in whatever order their groups come', () => {
  const pro = row(['pro'], { start: 3n });
  const team = row(['team'], { start: 2n });
  expect(compareRows([pro, team], [team, pro])).toEqual([]);
});

test('a component that differs is named with both its values', () => {
  const found = compareRows(
    [row(['pro'], { start: 3n, churned: 1n })],
    [row(['pro'], { start: 3n, churned: 2n })],
  );
  expect(found).toEqual([{ asOf: 1, group: ['pro'], component: 'churned', live: 1n, history: 2n }]);
});

test('a group that only one of them has counts as 0 in the other', () => {
  expect(compareRows([], [row(['pro'], { start: 3n, churned: 0n })])).toEqual([
    { asOf: 1, group: ['pro'], component: 'start', live: 0n, history: 3n },
  ]);
});

function disagreement(asOf: number, group: readonly string[], component: string): Disagreement {
  const query = { ...QUERY, asOf: [asOf] };
  return { query, differences: [{ asOf, group, component, live: 1n, history: 2n }] };
}

const QUERY: KpiQuery = {
  tenantId: 'acme',
  kpiId: 'csat_score',
  windowMs: 1,
  asOf: [],
  by: ['plan'],
  filter: {},
  definitions: DEFAULT_DEFINITIONS,
};

test('what differs at two looks lasts, also when the second is of a later moment', () => {
  const second = disagreement(2, ['pro'], 'satisfied');
  expect(lasting([disagreement(1, ['pro'], 'satisfied')], [second])).toEqual([second]);
});

test('what differs at one look alone was under way', () => {
  const first = [disagreement(1, ['pro'], 'satisfied')];
  expect(lasting(first, [])).toEqual([]);
  expect(lasting(first, [disagreement(2, ['team'], 'satisfied')])).toEqual([]);
  expect(lasting(first, [disagreement(2, ['pro'], 'responses')])).toEqual([]);
});
