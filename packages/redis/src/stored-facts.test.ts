import {
  ENTITY,
  type Fact,
  type FactOrigin,
  Home,
  PART,
  type PlacedFact,
  RETRACTIONS,
  entityName,
} from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { FactsText, encodeFacts } from './stored-facts.ts';

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
    (entity) => [entity, new FactsText(encodeFacts(home.facts(entity)))] as const,
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

/** Ids of which one is part of another, or is written otherwise in JSON. */
const IDS = ['e', 'e1', 'e"1', 'e\\', '\ud800', 'ü\n', '["c'] as const;
const TICKETS = [entityName(ENTITY.ticket, 't1'), entityName(ENTITY.ticket, 't2')] as const;

/** Facts of few events, so that the same event says several things, here and there. */
function placedFacts(): fc.Arbitrary<readonly PlacedFact[]> {
  const origin = fc.record({
    eventId: fc.constantFrom(...IDS),
    at: fc.nat(9),
    sourceVersion: fc.nat(2),
    receivedAt: fc.integer({ min: 10, max: 19 }),
    offset: fc.nat(99),
  });
  const said = fc.record({
    origin,
    entity: fc.constantFrom(...TICKETS),
    isCounted: fc.boolean(),
    target: fc.constantFrom(...IDS),
    kind: fc.constantFrom('retraction', 'attribution', 'ticket'),
  });
  return fc.array(said.map(placedFact), { maxLength: 8 });
}

interface Said {
  readonly origin: Omit<FactOrigin, 'key'>;
  readonly entity: string;
  readonly isCounted: boolean;
  readonly target: string;
  readonly kind: 'retraction' | 'attribution' | 'ticket';
}

function placedFact({ origin, entity, isCounted, target, kind }: Said): PlacedFact {
  const known = { ...origin, key: keyOf(origin.eventId) };
  if (kind === 'retraction')
    return { entity: RETRACTIONS, fact: { ...known, kind, target: keyOf(target) } };
  if (kind === 'attribution') return { entity, fact: { ...known, kind, from: 'a', to: 'b' } };
  return { entity, fact: { ...known, kind, isCounted } };
}

function keyOf(id: string): string {
  return `test${PART}${id}`;
}

test('a home of which nothing was read yet takes in facts as any other', () => {
  fc.assert(
    fc.property(placedFacts(), placedFacts(), (before, more) => {
      const home = new Home();
      home.mergeAll(before);
      const unread = stored(home);
      expect(unread.hasAttributions).toBe(home.hasAttributions);
      const was = home.mergeAll(more);
      const loaded = unread.mergeAll(more);
      expect(loaded.touched).toEqual(was.touched);
      for (const entity of [...TICKETS, RETRACTIONS]) {
        expect(unread.facts(entity)).toEqual(home.facts(entity));
        expect(loaded.before.facts(entity)).toEqual(was.before.facts(entity));
        for (const { kind } of home.facts(entity))
          expect(stored(home).mayHoldKind(entity, kind)).toBe(true);
      }
      for (const id of IDS) {
        expect(stored(home).placedOf(keyOf(id))).toEqual(home.placedOf(keyOf(id)));
      }
    }),
  );
});
