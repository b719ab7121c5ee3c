import { expect, test } from 'vitest';

import { boundedLabel, createMetrics, watchGauge } from './metrics.ts';

test('labels from outside are bounded: what comes later shares one', () => {
  const label = boundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map(label)).toEqual([
    'a',
    'b',
    'others',
    'a',
    'others',
    'b',
  ]);
});

test('a watched gauge reports what is there now, and nothing where nothing is', async () => {
  const metrics = createMetrics();
  let values: readonly number[] = [];
  watchGauge(metrics, { name: 'one', help: 'x', read: () => values.map((value) => ({ value })) });
  watchGauge(metrics, {
    name: 'many',
    help: 'x',
    labelNames: ['place'],
    read: () => values.map((value) => ({ labels: { place: String(value) }, value })),
  });
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.metrics()).split('\n').filter((line) => /^(one|many)/.test(line));
  expect(await lines()).toEqual([]);
  values = [7];
  expect(await lines()).toEqual(['one 7', 'many{place="7"} 7']);
  values = [];
  expect(await lines()).toEqual([]);
});
