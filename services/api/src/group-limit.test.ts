import { type ComponentRow, kpiOf } from '@kpi/core';
import { expect, test } from 'vitest';

import { limitGroups } from './group-limit.ts';

function kpi(id: string) {
  const found = kpiOf(id);
  if (found === undefined) throw new Error(`no KPI ${id}`);
  return found;
}

function runs(...groups: readonly (readonly [course: string, enrolled: bigint])[]) {
  return groups.map(([course, enrolled]): ComponentRow => ({
    asOf: 0,
    group: [course],
    components: { enrolled },
  }));
}

const BY_COURSE = { by: ['course'], groupsMax: 2 };

test('few values are all shown', () => {
  const limit = limitGroups(kpi('course_completion_rate'), BY_COURSE, runs(['a', 1n], ['b', 2n]));
  expect(limit).toMatchObject({ keep: undefined, notes: [] });
  expect(limit.isShown({ group: ['a'] })).toBe(true);
});

test('of more the largest are kept, over all times, and ties are decided by name', () => {
  const rows = runs(['d', 1n], ['c', 3n], ['b', 3n], ['a', 2n], ['a', 2n], ['e', 0n]);
  const limit = limitGroups(kpi('course_completion_rate'), BY_COURSE, rows);
  expect(limit.keep).toEqual({ course: ['a', 'b'] });
  expect(limit.notes).toEqual(['the smallest values of course, 3, are together in (other)']);
  expect(limit.isShown({ group: ['(other)'] })).toBe(true);
});

test('a value with the name of the others is one of them', () => {
  const rows = runs(['(other)', 9n], ['b', 3n], ['a', 2n]);
  const limit = limitGroups(kpi('course_completion_rate'), BY_COURSE, rows);
  expect(limit.keep).toEqual({ course: ['b', 'a'] });
});

test('contexts are never added up: the smallest are left out', () => {
  const rows = ['a', 'b', 'c'].map((context, index) => ({
    asOf: 0,
    group: ['pro', context],
    components: { responses: BigInt(index) },
  }));
  const limit = limitGroups(kpi('csat_score'), { by: ['plan', 'context'], groupsMax: 2 }, rows);
  expect(limit.keep).toBeUndefined();
  expect(rows.filter(limit.isShown).map(({ group }) => group[1])).toEqual(['b', 'c']);
  expect(limit.notes).toEqual([
    'the smallest values of context, 1, are left out: its values are never counted together',
  ]);
});
