import { expect, test } from 'vitest';

import { type KnownMetrics, canShow, findPromqlProblems } from './promql.ts';

const KNOWN: KnownMetrics = new Map([
  ['kpi_x_lag_events', new Set(['topic', 'partition'])],
  ['kpi_x_seconds_bucket', new Set(['le'])],
  ['up', new Set<string>()],
]);

test.each([
  'sum by (topic) (kpi_x_lag_events)',
  'histogram_quantile(0.99, sum by (le) (rate(kpi_x_seconds_bucket[5m])))',
  'kpi_x_lag_events{partition="3",job="x"} > 0.5 and on (instance) up == 0',
])('%s is known', (expression) => {
  expect(findPromqlProblems(expression, KNOWN)).toEqual([]);
});

test.each([
  ['sum(kpi_x_lag_event)', 'there is no metric kpi_x_lag_event'],
  ['rate(kpi_x_seconds_count[5m])', 'there is no metric kpi_x_seconds_count'],
  ['kpi_x_lag_events{topics="a"}', 'kpi_x_lag_events has no label topics'],
  ['sum by (code) (kpi_x_lag_events)', 'kpi_x_lag_events has no label code'],
  ['kpi_x_lag_events and on (code) up', 'kpi_x_lag_events has no label code'],
])('%s names what is not there', (expression, problem) => {
  expect(findPromqlProblems(expression, KNOWN)).toContain(problem);
});

test('what is no PromQL is found', () => {
  expect(findPromqlProblems('sum(kpi_x_lag_events', KNOWN)).toEqual([
    expect.stringContaining('syntax error'),
  ]);
});

test('a legend can show labels that some series has', () => {
  expect(canShow('kpi_x_lag_events or up', 'partition', KNOWN)).toBe(true);
  expect(canShow('up', 'instance', KNOWN)).toBe(true);
  expect(canShow('up', 'partition', KNOWN)).toBe(false);
});
