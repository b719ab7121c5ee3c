import { type ComponentRow } from '@kpi/core';
import { expect, test } from 'vitest';

import { compareRows } from './differences.ts';

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
