import { expect, test } from 'vitest';

import { memoryRows, memoryTable } from './memory-table.ts';

test('samples become one cell per process and minute: least, median and most', () => {
  const of = (name: string, minute: number, ...sizes: readonly number[]) =>
    sizes.map((mib) => ({ name, minute, mib }));
  const rows = memoryRows([...of('archive', 1, 30, 10.4, 20), ...of('redis', 2, 5)]);
  expect(rows).toEqual([
    { name: 'archive', minute: 1, min: 10, median: 20, max: 30 },
    { name: 'redis', minute: 2, min: 5, median: 5, max: 5 },
  ]);
  expect(memoryTable(rows)).toEqual([
    '| minute | archive | redis |',
    '|---|---|---|',
    '| 1 | 10 / 20 / 30 | – |',
    '| 2 | – | 5 / 5 / 5 |',
  ]);
});
