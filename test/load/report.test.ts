import { expect, test } from 'vitest';

import { ratesOf } from './report.ts';

test('rates are per second and per million, and an engine out of sight stays unknown', () => {
  const rates = ratesOf({
    records: 200_000,
    seconds: 4,
    cpuSeconds: 3,
    engineCpuSeconds: { broker: 1, redis: 0.5, clickhouse: null },
  });
  expect(rates).toEqual({
    records: 200_000,
    seconds: 4,
    eventsPerSecond: 50_000,
    cpuSecondsPerMillion: { service: 15, broker: 5, redis: 2.5, clickhouse: null },
  });
});
