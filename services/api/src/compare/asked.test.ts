import { DEFAULT_DEFINITIONS, Fault, days } from '@kpi/core';
import { expect, test } from 'vitest';

import type { RawParameters } from '../parameters.ts';
import { readComparison } from './asked.ts';

const NOW = Date.UTC(2026, 10, 30, 1, 30);
const read = (raw: RawParameters) =>
  readComparison(raw, { definitions: DEFAULT_DEFINITIONS, nowMs: NOW });

test('without anything it grows since the first day of the quarter', () => {
  const { design, isLive } = read({});
  expect(design.window).toMatchObject({ from: Date.UTC(2026, 9, 1), to: NOW });
  expect(design.areLooksRepeated).toBe(true);
  expect(isLive).toBe(true);
  expect(design).toMatchObject({
    rule: { courses: [], needs: { users: 1 } },
    strata: ['tenure', 'plan'],
    prepostMs: days(84),
    washoutMs: days(28),
    lagMs: 0,
    isClustered: true,
  });
});

test('definitions say how much time before and after training is compared, unless the question does', () => {
  const comparison = { prepostMs: days(60), washoutMs: 0 };
  const definitions = { ...DEFAULT_DEFINITIONS, comparison };
  const { design } = readComparison({ washout: '7d' }, { definitions, nowMs: NOW });
  expect([design.prepostMs, design.washoutMs]).toEqual([days(60), days(7)]);
});

test('a window that was chosen before looking is fixed', () => {
  const { design, isLive } = read({ window: '28d' });
  const to = Date.UTC(2026, 10, 30, 1);
  expect(design.window).toMatchObject({ from: to - days(28), to });
  expect(design.areLooksRepeated).toBe(false);
  expect(isLive).toBe(false);
});

test('what the live store does not keep comes from history', () => {
  for (const raw of [
    { trained_by: 'users:2' },
    { courses: 'basics' },
    { lag: '7d' },
    { incidents: 'exclude' },
    { strata: 'tenure,month' },
  ])
    expect(read(raw).isLive).toBe(false);
  expect(read({ filter: 'plan:pro', strata: 'tenure' }).isLive).toBe(true);
});

test('rules, strata and filters are read', () => {
  const { design } = read({
    trained_by: 'seats:0.5',
    courses: ['basics', 'more'],
    strata: 'plan',
    filter: 'plan:pro,plan:free,tenure:28-84',
    washout: '0d',
  });
  expect(design.rule).toEqual({ courses: ['basics', 'more'], needs: { seatShare: 0.5 } });
  expect(design.strata).toEqual(['plan']);
  expect(design.filter).toEqual({ plan: ['pro', 'free'], tenure: ['28-84'] });
  expect(design.washoutMs).toBe(0);
});

test.each([
  ['trained_by', { trained_by: 'users:0' }],
  ['trained_by', { trained_by: 'seats:1.1' }],
  ['trained_by', { trained_by: 'everybody' }],
  ['strata', { strata: 'country' }],
  ['filter', { filter: 'region:eu' }],
  ['window', { since: '2026-11-01', window: '28d' }],
  ['window', { from: '2026-11-01', window: '28d' }],
  ['from', { from: '2026-11-29', to: '2026-11-29T12:00:00Z' }],
  ['to', { to: '2026-12-01' }],
  ['since', { since: '2026-12-01' }],
  ['lag', { lag: '400d' }],
  ['of', { of: 'pro,free' }],
])('%s is named where it is wrong', (name, raw) => {
  const attempt = (): unknown => read(raw);
  expect(attempt).toThrow(Fault);
  expect(attempt).toThrow(
    expect.objectContaining({ code: 'parameter_invalid', path: `/query/${name}` }),
  );
});
