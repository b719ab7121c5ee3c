import { createHash } from 'node:crypto';

import { DEFAULT_DEFINITIONS, ENTITY, KPIS } from '@kpi/core';
import { expect, test } from 'vitest';

import { LIVE_FORMAT } from './live-store.ts';

/** What live numbers are made of, as far as declarations say it. */
function contents(): string {
  const { changes: _, ...definitions } = DEFAULT_DEFINITIONS;
  const kpis = KPIS.filter(({ windows }) => windows.length > 0).map((kpi) => {
    const { id, version, windows, dimensions, hidden } = kpi;
    const measures = Object.entries(kpi.measures).map(([name, { unit, kind }]) => [
      name,
      unit,
      kind,
    ]);
    return [id, version, windows, dimensions, hidden, measures];
  });
  return createHash('sha256')
    .update(JSON.stringify([kpis, ENTITY, definitions]))
    .digest('hex')
    .slice(0, 16);
}

test('what the store holds has its number: where this differs, raise LIVE_FORMAT and note both', () => {
  expect([LIVE_FORMAT, contents()]).toEqual([11, 'a94975f9e52e2370']);
});
