import { expect, test } from 'vitest';

import { Home, type PlacedFact, RETRACTIONS, effectiveFacts } from './home.ts';
import { directoryKey, homeKey, parseHomeKey } from './home-key.ts';
import { PART, entityName } from './entity.ts';
import { settle } from './shared-users.ts';
import { Company, TENANT, fact } from './test-company.ts';

const RUN = entityName('r', 'u1', 'basics');
const DIRECTORY = directoryKey(TENANT, 'u1');

function enrolled(id: string, at: number): PlacedFact {
  const body = { kind: 'enrolment', version: '1', enrolmentId: id } as const;
  return { entity: RUN, fact: fact(id, at, body) };
}

function completed(id: string, at: number): PlacedFact {
  return { entity: RUN, fact: fact(id, at, { kind: 'completion', version: null }) };
}

function retracted(id: string, target: string): PlacedFact {
  const body = { kind: 'retraction', target: `test${PART}${target}` } as const;
  return { entity: RETRACTIONS, fact: fact(id, 0, body) };
}

test('a user of one home is only entered in the directory, once for each course', () => {
  const company = new Company();
  company.take('a1', enrolled('e1', 10));
  company.take('a1', completed('c1', 20));
  expect(company.told.map(({ to }) => to)).toEqual([DIRECTORY]);
  expect(company.facts('a1', RUN)).toEqual(['e1', 'c1']);
});

test('no account is taken for a directory, whatever its name', () => {
  expect(parseHomeKey(DIRECTORY)).toMatchObject({ tenantId: TENANT, hasAccount: false });
  expect(parseHomeKey(homeKey(TENANT, '17')).hasAccount).toBe(true);
  expect(DIRECTORY.startsWith(homeKey(TENANT, '') + PART)).toBe(true);
});

test('an account that answers for itself is no user', () => {
  const company = new Company();
  const entity = entityName('v', 'general', 'a1');
  company.take('a1', { entity, fact: fact('s1', 10, { kind: 'void' }) });
  expect(company.told).toEqual([]);
});

test('a prospect who joins is known in both homes, what came before and what comes after', () => {
  const company = new Company();
  company.take('user:u1', enrolled('e1', 10));
  company.take('a1', completed('c1', 20));
  expect(company.facts('user:u1', RUN)).toEqual(['e1', 'c1 of a1']);
  expect(company.facts('a1', RUN)).toEqual(['e1 of ', 'c1']);
  company.take('user:u1', completed('c0', 15));
  expect(company.facts('a1', RUN)).toEqual(['e1 of ', 'c0 of ', 'c1']);
});

test('a third home hears of both others, and they of it', () => {
  const company = new Company();
  company.take('user:u1', enrolled('e1', 10));
  company.take('a1', completed('c1', 20));
  company.take('a2', completed('c2', 30));
  expect(company.facts('user:u1', RUN)).toEqual(['e1', 'c1 of a1', 'c2 of a2']);
  expect(company.facts('a1', RUN)).toEqual(['e1 of ', 'c1', 'c2 of a2']);
  expect(company.facts('a2', RUN)).toEqual(['e1 of ', 'c1 of a1', 'c2']);
});

test('what is taken back in one home is taken back in all, whichever came first', () => {
  const early = new Company();
  early.take('a1', enrolled('e1', 10), completed('c1', 20), retracted('z1', 'c1'));
  early.take('a2', completed('c2', 30));
  const late = new Company();
  late.take('a1', enrolled('e1', 10), completed('c1', 20));
  late.take('a2', completed('c2', 30));
  late.take('a1', retracted('z1', 'c1'));
  for (const company of [early, late]) {
    expect(company.facts('a2', RETRACTIONS)).toEqual(['z1 of a1']);
    expect(company.facts('a1', RETRACTIONS)).toEqual(['z1']);
  }
});

test('a retraction in a home that does not have the event reaches the one that has', () => {
  const company = new Company();
  company.take('a1', completed('c1', 20));
  company.take('a2', completed('c2', 30));
  company.take('a2', retracted('z1', 'c1'));
  expect(company.facts('a1', RETRACTIONS)).toEqual(['z1 of a2']);
});

test('a retraction that comes before everybody knows of each other reaches the home that has the event', () => {
  const before = new Company();
  before.take('a2', completed('c2', 30), retracted('z1', 'c1'));
  before.take('a1', completed('c1', 20));
  const between = new Company();
  between.take('a2', completed('c2', 30));
  between.take('a1', enrolled('e1', 10));
  between.take('a2', retracted('z1', 'c1'));
  between.take('a1', completed('c1', 20));
  for (const company of [before, between])
    expect(company.facts('a1', RETRACTIONS)).toEqual(['z1 of a2']);
});

test('a retraction that is corrected to take back what another home does not know takes nothing back there', () => {
  const company = new Company();
  company.take('a1', completed('c1', 20));
  company.take('a2', completed('c2', 30), retracted('z1', 'c2'));
  const { entity, fact: corrected } = retracted('z1', 'elsewhere');
  company.take('a2', { entity, fact: { ...corrected, sourceVersion: 1 } });
  const home = company.homes.get(homeKey(TENANT, 'a1'))?.home ?? new Home();
  expect(effectiveFacts(home, RUN).map(({ eventId }) => eventId)).toEqual(['c1', 'c2']);
});

test('homes that were filled one by one settle to the same', () => {
  const company = new Company();
  const homes = new Map<string, Home>();
  const said: readonly (readonly [string, PlacedFact])[] = [
    ['user:u1', enrolled('e1', 10)],
    ['a1', completed('c1', 20)],
    ['a2', completed('c2', 30)],
    ['a2', retracted('z1', 'c1')],
  ];
  for (const [subject, placed] of said) {
    company.take(subject, placed);
    const key = homeKey(TENANT, subject);
    const home = homes.get(key) ?? new Home();
    homes.set(key, home);
    home.merge(placed);
  }
  settle(homes);
  for (const [key, { home }] of company.homes) {
    const settled = homes.get(key);
    expect([...(settled?.entities() ?? [])].toSorted(), key).toEqual(
      [...home.entities()].toSorted(),
    );
    for (const entity of home.entities())
      expect(settled?.facts(entity), key).toEqual(home.facts(entity));
  }
});

test('of long activity the first in every account is kept: it tells when the run became whose', () => {
  const active = (id: string, at: number): PlacedFact => ({
    entity: RUN,
    fact: fact(id, at, { kind: 'activity', version: null }),
  });
  const company = new Company();
  const steps = Array.from({ length: 12 }, (_, index) => active(`p${index}`, index));
  company.take('user:u1', ...steps);
  company.take('a1', active('s1', 50));
  const kept = company.facts('a1', RUN);
  expect(kept).toHaveLength(9);
  expect(kept.at(-1)).toBe('s1');
  expect(kept[0]).toBe('p0 of ');
});
