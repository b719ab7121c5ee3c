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
  expect(all).toMatch(/csat_score +28d +all +75\.00 %/);
  expect(pro).toMatch(/plan=pro +–.*no_data/);
});
