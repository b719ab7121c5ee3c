import { expect, test } from 'vitest';

import type { KpiValue } from './answers.ts';
import { NO_VALUES, groupsOf, totalOf, withValue } from './live-values.ts';
import { ENTRY, SHARE, WEEK_MS } from './test-value.ts';

const OF_WEEK = { entry: ENTRY, windowMs: WEEK_MS } as const;

function valuesOf(...values: readonly KpiValue[]) {
  return values.reduce(withValue, NO_VALUES);
}

test('a newer value replaces the older of the same place only', () => {
  const pro = { ...SHARE, segment: { plan: 'pro' }, value: 0.1 };
  const values = valuesOf(SHARE, pro, { ...SHARE, value: 0.05 });
  expect(totalOf(values, { ...OF_WEEK, id: ENTRY.id })?.value).toBe(0.05);
  expect(groupsOf(values, { ...OF_WEEK, dimension: 'plan' })).toEqual([pro]);
  expect(totalOf(values, { ...OF_WEEK, id: `${ENTRY.id}.net` })).toBeUndefined();
});

test('where a filter holds by default, the value in all is that of the filter', () => {
  const entry = {
    ...ENTRY,
    dimensions: ['context', 'plan'],
    default_filter: { context: ['general'] },
  };
  const general = { ...SHARE, segment: { context: 'general' } };
  const ticket = { ...SHARE, segment: { context: 'ticket' } };
  const pro = { ...SHARE, segment: { context: 'general', plan: 'pro' } };
  const values = valuesOf(ticket, pro, general);
  const asked = { entry, windowMs: WEEK_MS };
  expect(totalOf(values, { ...asked, id: entry.id })).toBe(general);
  expect(groupsOf(values, { ...asked, dimension: 'context' })).toEqual([general, ticket]);
  expect(groupsOf(values, { ...asked, dimension: 'plan' })).toEqual([pro]);
});

test('groups are in order, the unknown last; one that is no longer published is left out', () => {
  const group = (plan: string, to = SHARE.window.to): KpiValue => {
    const from = new Date(Date.parse(to) - WEEK_MS).toISOString();
    return { ...SHARE, segment: { plan }, window: { ...SHARE.window, from, to } };
  };
  const values = valuesOf(
    group('(none)'),
    group('28-84'),
    group('0-28'),
    group('gone', '2026-01-07T00:00:00.000Z'),
  );
  const found = groupsOf(values, { ...OF_WEEK, dimension: 'plan' });
  expect(found.map(({ segment }) => segment['plan'])).toEqual(['0-28', '28-84', '(none)']);
});
