import { expect, test } from 'vitest';

import { activeHours } from './activity.ts';
import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { DeltaSheet } from './delta-sheet.ts';
import { days } from './duration.ts';
import { entityName } from './entity.ts';
import { CountedHome } from './home-change.ts';
import { Home, type PlacedFact, RETRACTIONS } from './home.ts';
import { TENANT, fact } from './test-company.ts';

const OWNER = {
  tenantId: TENANT,
  subject: 'a1',
  hasAccount: true,
  definitions: DEFAULT_DEFINITIONS,
};

/** Hours that an account which was merged into a1 tells, in a version. */
function hoursOfMerged(hours: readonly number[], sourceVersion: number): PlacedFact {
  const said = activeHours(hours);
  return { entity: entityName('y', 'a2', said.entity), fact: { ...said.fact, sourceVersion } };
}

function steps(sheet: DeltaSheet): readonly string[] {
  return [...sheet.changes()].map((step) => step.join(' ')).toSorted();
}

test.each([
  ['in order', [hoursOfMerged([100], 0), hoursOfMerged([], 1)]],
  ['in the other order', [hoursOfMerged([], 1), hoursOfMerged([100], 0)]],
])('of activity that is told in two versions at once, %s, the later counts', (_order, told) => {
  const home = new CountedHome(new Home(), OWNER);
  const sheet = new DeltaSheet();
  const stated = { isInternal: null, domain: null, imported: null, channel: null };
  const created = fact('c1', 0, { kind: 'account', ...stated });
  const merged = fact('m1', 10, { kind: 'merger', into: 'a1' });
  home.apply(
    [
      { entity: 'a', fact: created },
      { entity: entityName('j', 'a2'), fact: merged },
    ],
    sheet,
  );
  home.apply(told, sheet);
  const recount = new DeltaSheet();
  new CountedHome(home.home, OWNER).countAll(recount);
  expect(steps(sheet)).toEqual(steps(recount));
});

test('an account whose two completions are taken back one after the other is trained no more', () => {
  const home = new CountedHome(new Home(), OWNER);
  const sheet = new DeltaSheet();
  const run = entityName('r', 'u1', 'basics');
  const completed = (id: string, at: number): PlacedFact => ({
    entity: run,
    fact: fact(id, at, { kind: 'completion', version: null }),
  });
  const takenBack = (target: PlacedFact): PlacedFact => ({
    entity: RETRACTIONS,
    fact: fact(`no ${target.fact.eventId}`, 0, { kind: 'retraction', target: target.fact.key }),
  });
  const [first, second] = [completed('c1', days(1)), completed('c2', days(2))];
  const subscribed = fact('s1', days(10), {
    kind: 'subscription',
    step: 'started',
    mrrMinor: 100,
    currency: 'EUR',
    plan: 'pro',
    product: null,
    quantity: 1,
    reason: null,
  });
  home.apply([first, second, { entity: entityName('s', 'test', 'main'), fact: subscribed }], sheet);
  for (const one of [first, second]) home.apply([takenBack(one)], sheet);
  const recount = new DeltaSheet();
  new CountedHome(home.home, OWNER).countAll(recount);
  expect(steps(sheet)).toEqual(steps(recount));
});
