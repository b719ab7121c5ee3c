import { ENTITY, type Fact, Home, PART, entityName } from '@kpi/core';
import { expect, test } from 'vitest';

import { decodeFacts, encodeFacts } from './stored-facts.ts';

const MERGER = entityName(ENTITY.merger, 'a1');
const ORIGIN = {
  key: `test${PART}m1`,
  eventId: 'm1',
  at: 5,
  sourceVersion: 1,
  receivedAt: 7,
  offset: 9,
};

function stored(home: Home): Home {
  const entities = [...home.entities()].map(
    (entity) => [entity, decodeFacts(encodeFacts(home.facts(entity)))] as const,
  );
  return new Home(entities);
}

test('a home that was stored still does not take in a merge that was withdrawn', () => {
  const merger: Fact = { ...ORIGIN, kind: 'merger', into: 'a2', account: 'a2' };
  const home = new Home();
  home.merge({ entity: MERGER, fact: merger });
  home.merge({ entity: MERGER, fact: { ...ORIGIN, kind: 'withdrawn' } });
  const loaded = stored(home);
  expect(loaded.merge({ entity: MERGER, fact: merger }).size).toBe(0);
  expect(loaded.facts(MERGER)).toEqual([]);
  expect([...loaded.entities()]).toEqual([ENTITY.gone]);
  expect(loaded.facts(ENTITY.gone)).toEqual(home.facts(ENTITY.gone));
});
