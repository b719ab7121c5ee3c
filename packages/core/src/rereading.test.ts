import { expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { DeltaSheet } from './delta-sheet.ts';
import { ENTITY, entityName } from './entity.ts';
import { Home, type PlacedFact } from './home.ts';
import { CountedHome } from './home-change.ts';
import { homeKey, parseHomeKey } from './home-key.ts';
import { withRoomFor } from './rereading.ts';
import { type IsErased } from './subjects.ts';
import { TENANT, fact } from './test-company.ts';

/** A version of one enrolment, as an account tells it. */
function toldBy(account: string, receivedAt: number): PlacedFact {
  const body = { kind: 'enrolment', version: '1', enrolmentId: 'e1' } as const;
  return {
    entity: entityName(ENTITY.courseRun, 'u1', 'basics'),
    fact: { ...fact('e1', 0, body), receivedAt, account },
  };
}

/** What a prospect's home has of it that held the later version, of a2, and is told the earlier one, of a1. */
function heldAfter(isErased: IsErased): readonly (string | undefined)[] {
  const owner = { ...parseHomeKey(homeKey(TENANT, 'user:u1')), definitions: DEFAULT_DEFINITIONS };
  const counted = new CountedHome(new Home(), owner);
  const sheet = new DeltaSheet();
  const [earlier, later] = [toldBy('a1', 1), toldBy('a2', 2)];
  counted.apply([later], sheet);
  const taking = withRoomFor([earlier], { counted, isErased }, { nextVersion: () => 1, sheet });
  const { home } = taking?.counted ?? counted;
  home.mergeAll([earlier]);
  return home.facts(earlier.entity).map(({ account }) => account);
}

test('what a home is told counts before what it holds of an account that was erased', () => {
  expect(heldAfter((_tenantId, { id }) => id === 'a2')).toEqual(['a1']);
  expect(heldAfter(() => false)).toEqual(['a2']);
});
