import { expect, test } from 'vitest';

import { formatTruth } from './truth-report.ts';

test('estimates stand beside the truth, and so do the usual comparisons', () => {
  const text = formatTruth({
    window: { from: '2026-01-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' },
    headline: { ratio: 0.72, ci: { low: 0.6, high: 0.86 } },
    difference_in_differences: { ratio: 0.9, ci: { low: 0.75, high: 1.1 } },
    unadjusted: [{ name: 'ever_trained_per_account', ratio: 2.1 }],
    summary: 'Tickets were 28 % lower.',
  });
  expect(text).toContain('has 0.70 of the tickets');
  expect(text).toMatch(/stratified, the answer\s+0\.720\s+0\.600 – 0\.860\s+the interval holds it/);
  expect(text).toMatch(
    /difference in differences\s+0\.900\s+0\.750 – 1\.100\s+the interval misses it/,
  );
  expect(text).toMatch(/ever trained over never, per account\s+2\.100\s+3\.00 times the truth/);
});

test('what has no answer says so', () => {
  const text = formatTruth({
    window: { from: 'a', to: 'b' },
    headline: null,
    difference_in_differences: null,
    unadjusted: [{ name: 'before_after', ratio: null }],
    summary: '',
  });
  expect(text).toMatch(/stratified, the answer\s+–\s+–\s+no answer/);
});
