import { expect, test } from 'vitest';

import { totalOf } from './live-values.ts';
import { recordedPaths, recordedValues } from './recorded.ts';
import { ENTRY, SHARE } from './test-value.ts';

const TIMES = {
  ...ENTRY,
  id: 'time_to_first_value',
  served_from: 'history',
  default_window: '91d',
  windows: [{ window: '91d', resolution: '1h' }],
  dimensions: ['plan'],
  variants: [
    { id: 'time_to_first_value', title: 'Median' },
    { id: 'time_to_first_value.by_7d', title: 'Reached within 7 days' },
  ],
} as const;

test('only what no stream brings is asked, each variant for the window it is shown for', () => {
  expect(recordedPaths([ENTRY, TIMES], { window: '24h', split: '' })).toEqual([
    '/v1/kpis/time_to_first_value?window=91d',
    '/v1/kpis/time_to_first_value.by_7d?window=91d',
  ]);
});

test('a split is asked of those that have its dimension', () => {
  const asked = recordedPaths([TIMES], { window: '', split: 'plan' });
  expect(asked).toContain('/v1/kpis/time_to_first_value?window=91d&by=plan');
  expect(recordedPaths([TIMES], { window: '', split: 'tenure' })).toHaveLength(2);
});

test('single values and groups are found where the page looks for those of the stream', () => {
  const value = { ...SHARE, kpi_id: TIMES.id, value: 2 };
  const group = { ...value, segment: { plan: 'pro' }, value: 3 };
  const values = recordedValues([value, { values: [group] }]);
  const windowMs = Date.parse(value.window.to) - Date.parse(value.window.from);
  expect(totalOf(values, { entry: TIMES, id: TIMES.id, windowMs })?.value).toBe(2);
  expect(values.size).toBe(2);
});
