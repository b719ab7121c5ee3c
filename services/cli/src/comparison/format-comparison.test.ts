import { expect, test } from 'vitest';

import type { ComparedGroups, Comparison } from '../client/compare-answer.ts';
import { formatComparison } from './format-comparison.ts';
import { formatGroups } from './format-groups.ts';

const ci = { low: 0.62, high: 0.81, method: 'mantel_haenszel_clustered' };

const COMPARISON: Comparison = {
  window: { from: '2026-01-01T00:00:00Z', to: '2026-04-01T00:00:00Z', is_growing: false },
  stratified_by: ['tenure', 'plan'],
  groups: {
    trained: {
      tickets: 560,
      account_days: 112_000,
      accounts: 400,
      rate: 0.5,
      ci: { ...ci, low: 0.46, high: 0.54 },
    },
    untrained: { tickets: 1_800, account_days: 86_800, accounts: 1_100, rate: 2.074, ci: null },
  },
  headline: { ratio: 0.7, ci, p_value: 0.0001 },
  stratified: {
    ratio: 0.7,
    ci,
    p_value: 0.0001,
    overlap: { trained_time: 1, untrained_time: 0.323 },
  },
  strata: [
    {
      stratum: '0-28 · pro',
      trained: { tickets: 0, account_days: 0 },
      untrained: { tickets: 1_100, account_days: 30_800 },
      ratio: null,
      ci: null,
      is_used: false,
    },
  ],
  difference_in_differences: { ratio: 0.72, ci: { ...ci, high: null }, p_value: 0.04 },
  matched: { trained: 400, compared: 390, others: 100 },
  event_study: { pre_trend: { p_value: 0.41 } },
  unadjusted: [{ name: 'ever_trained_per_account', ratio: 2.38, flaw: 'they stayed longer' }],
  status: 'ok',
  guard_rails: [],
  summary: 'Tickets were 30 % lower.',
};

test('a comparison says what it says first, then what it rests on, and the usual numbers last', () => {
  const lines = formatComparison(COMPARISON).split('\n');
  expect(lines[0]).toBe('Tickets were 30 % lower.');
  const text = lines.join('\n');
  expect(text).toMatch(/trained\s+560\s+112,000\s+400\s+0\.500\s+0\.460 – 0\.540/);
  expect(text).toMatch(
    /stratified\s+0\.7000\s+0\.620 – 0\.810\s+<0\.001\s+100 % of trained, 32 % of untrained time/,
  );
  expect(text).toMatch(
    /difference in differences\s+0\.7200\s+0\.620 – ∞\s+0\.040\s+390 of 400 trained accounts, 100 others/,
  );
  expect(text).toMatch(/0-28 · pro\s+0\s+0\s+1,100\s+30,800\s+not used/);
  expect(text).toMatch(/ever trained over never, per account\s+2\.3800\s+they stayed longer/);
  expect(text.indexOf('unadjusted')).toBeGreaterThan(text.indexOf('Strata'));
});

test('without a ratio there is a dash', () => {
  const text = formatComparison({ ...COMPARISON, stratified: null, headline: null });
  expect(text).toMatch(/stratified\s+–\s+–\s+–\s+no stratum has tickets in both groups/);
});

const value = {
  kpi_id: 'customer_churn_rate',
  segment: {},
  window: { from: '', to: '' },
  as_of: '',
  value: 0.75,
  unit: 'ratio',
  currency: null,
  numerator: 45,
  denominator: 60,
  n: 60,
  ci: { level: 0.95, low: 0.6277, high: 0.8422 },
  status: 'ok',
  notes: [],
  immature_n: 0,
  excluded: {},
  served_from: 'history',
  sources: {},
  revision: 0,
};

test('two groups are told with their difference', () => {
  const compared: ComparedGroups = {
    by: 'plan',
    groups: [
      { group: 'pro', value },
      { group: 'free', value: { ...value, value: 0.5714, n: null } },
    ],
    difference: {
      difference: 17.857,
      unit: 'percentage_points',
      ci: { low: 1.4587, high: 32.728, method: 'newcombe' },
      ratio: null,
      p_value: null,
      notes: ['a note'],
    },
    summary: 'Churn was higher for pro.',
  };
  const text = formatGroups(compared);
  expect(text).toMatch(/pro\s+75\.00 %\s+62\.77 – 84\.22\s+60\s+ok/);
  expect(text).toContain('Difference: +17.86 percentage points, interval 1.459 – 32.73 (newcombe)');
  expect(text).toContain('note: a note');
});
