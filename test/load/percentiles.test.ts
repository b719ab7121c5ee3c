import { expect, test } from 'vitest';

import { percentilesOf } from './percentiles.ts';

test('a percentile is one of the values, whatever their order', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentilesOf(values)).toEqual({ p50: 100, p95: 190, p99: 198, max: 200 });
  expect(percentilesOf([7.123])).toEqual({ p50: 7.12, p95: 7.12, p99: 7.12, max: 7.12 });
  expect(percentilesOf([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
});
