import { expect, test } from 'vitest';

import type { Value } from '../client/kpi-answer.ts';
import { formatLine, formatRows } from './format-rows.ts';
import { ValueRows } from './value-rows.ts';

const NOW = Date.parse('2026-03-01T12:00:30Z');

function value(number: number | null, more: Partial<Value> = {}): Value {
  return {
    kpi_id: 'csat_score',
    segment: {},
    window: { from: '2026-02-01T12:00:00Z', to: '2026-03-01T12:00:00Z' },
    as_of: '2026-03-01T12:00:00Z',
    value: number,
    unit: 'ratio',
    currency: null,
    numerator: 3,
    denominator: 4,
    n: 4,
    ci: { level: 0.95, low: 0.5, high: 0.9 },
    status: 'ok',
    notes: [],
    immature_n: 0,
    excluded: {},
    served_from: 'live',
    sources: { desk: '2026-03-01T12:00:00Z', old: '2026-02-01T00:00:00Z' },
    revision: 0,
    ...more,
  };
}

test('a value that comes again is no news, and the change stays that of the last news', () => {
  const rows = new ValueRows();
  expect(rows.take(value(0.75))).toMatchObject({ isNews: true, row: { before: undefined } });
  expect(rows.take(value(0.75))).toMatchObject({ isNews: false, row: { before: undefined } });
  expect(rows.take(value(0.8))).toMatchObject({ isNews: true, row: { before: 0.75 } });
  expect(rows.take(value(0.8))).toMatchObject({ isNews: false, row: { before: 0.75 } });
});

test('after a reset only what came again is left', () => {
  const rows = new ValueRows();
  rows.take(value(0.1, { segment: { plan: 'pro' } }));
  rows.take(value(0.2));
  rows.reset();
  rows.take(value(0.3));
  rows.settle();
  expect(rows.list().map(({ group, value: { value: one } }) => [group, one])).toEqual([['', 0.3]]);
});

test('a line in a pipe says value, change, interval, status and freshness', () => {
  const rows = new ValueRows();
  rows.take(value(0.75));
  const { row } = rows.take(value(0.8, { segment: { plan: 'pro' } }));
  expect(formatLine(row, NOW)).toBe(
    '2026-03-01T12:00:00Z  csat_score  28d  plan=pro  80.00 %  [50.00 – 90.00]  ok  last event 30 s ago',
  );
  expect(formatLine(rows.take(value(0.7)).row, NOW)).toContain('70.00 %  (−5.00 pp)  [');
});

test('the table has a column of groups only where there are groups', () => {
  const rows = new ValueRows();
  rows.take(value(0.75));
  expect(formatRows(rows.list(), NOW)).not.toContain('group');
  rows.take(value(null, { segment: { plan: 'pro' }, status: 'no_data', ci: null }));
  const [head = '', all = '', pro = ''] = formatRows(rows.list(), NOW).split('\n');
  expect(head).toContain('group');
  expect(all).toMatch(/csat_score +all +75\.00 %/);
  expect(pro).toMatch(/csat_score +pro +–.*no_data/);
});

test('windows have a column only where they differ, and a long unit is short', () => {
  const rows = new ValueRows();
  const rate = { kpi_id: 'support_ticket_rate', unit: 'per_100_account_days' };
  rows.take(value(7.6923, rate));
  expect(formatRows(rows.list(), NOW)).not.toContain('window');
  expect(formatRows(rows.list(), NOW)).toContain('7.692 /100 d');
  const day = { from: '2026-02-28T12:00:00Z', to: '2026-03-01T12:00:00Z' };
  rows.take(value(7, { ...rate, window: day }));
  const [head = '', ...both] = formatRows(rows.list(), NOW).split('\n');
  expect(head).toContain('window');
  expect(both.join('\n')).toMatch(/support_ticket_rate +1d .*\n.*support_ticket_rate +28d /);
});

test('the columns that tell how a value is come before those that may be cut', () => {
  const rows = new ValueRows();
  rows.take(value(0.75, { kpi_id: 'sales_growth_rate.yoy_event_rates' }));
  const [head = '', row = ''] = formatRows(rows.list(), NOW).split('\n');
  expect(head.replaceAll(/ {2,}/g, ' | ')).toBe(
    'KPI | value | change | status | n | 95 % interval | last event',
  );
  expect(row.slice(0, 80)).toMatch(/75\.00 % .*ok.*50\.00 – 90\.00/);
});
