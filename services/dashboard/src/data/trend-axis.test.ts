import { expect, test } from 'vitest';

import { trendQuery, windowMs } from './trend-axis.ts';

const NOW = Date.parse('2026-03-01T10:17:00.000Z');

test.each(['1h', '24h', '1d', '7d', '28d', '90d'])(
  'the trend of %s has forty steps at whole intervals',
  (window) => {
    const query = trendQuery(window, NOW);
    const from = Date.parse(query.get('from') ?? '');
    const to = Date.parse(query.get('to') ?? '');
    const interval = windowMs(query.get('interval') ?? '');
    expect(to % interval).toBe(0);
    expect(to).toBeLessThanOrEqual(NOW);
    expect((to - from) / interval).toBe(40);
  },
);

test('equal questions are asked until the next interval', () => {
  expect(String(trendQuery('7d', NOW))).toBe(String(trendQuery('7d', NOW + 3_600_000)));
});
