import { expect, test } from 'vitest';

import { entityName } from './entity.ts';
import { isKind } from './fact.ts';
import { type PlacedFact, RETRACTIONS } from './home.ts';
import { homeKey } from './home-key.ts';
import { Company, TENANT, fact } from './test-company.ts';

/** What the home of the referred account holds of one referrer. */
const OF_A1 = entityName('b', 'a1');

interface Referral {
  readonly id: string;
  readonly at: number;
  readonly referred: string;
  readonly domain?: string;
  readonly sourceVersion?: number;
}

function referred({ id, at, referred: to, domain = '', sourceVersion = 0 }: Referral): PlacedFact {
  const said = fact(id, at, { kind: 'referral', domain, isSelf: false, referred: to });
  return { entity: entityName('f', `invitee-${id}`), fact: { ...said, sourceVersion } };
}

function account(id: string, at: number, stated: { domain?: string; isInternal?: boolean }) {
  const { domain = null, isInternal = null } = stated;
  const body = { kind: 'account', domain, isInternal, imported: null, channel: null } as const;
  return { entity: entityName('a'), fact: fact(id, at, body) };
}

function retracted(id: string, target: string): PlacedFact {
  const { key } = fact(target, 0, {});
  return { entity: RETRACTIONS, fact: fact(id, 0, { kind: 'retraction', target: key }) };
}

function merged(company: Company, from: string, into: string, at = 5): void {
  const body = { kind: 'merger', into } as const;
  const said = { entity: entityName('j', from), fact: fact(`m${at}`, at, body) };
  for (const one of [from, into]) company.take(one, said);
}

test('the account that is referred hears of the first referral of each referrer', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r2', at: 20, referred: 'a2' }));
  expect(company.facts('a2', OF_A1)).toEqual(['r2 of a1']);
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  expect(company.facts('a2', OF_A1)).toEqual(['r1 of a1']);
  company.take('a1', retracted('z1', 'r1'));
  expect(company.facts('a2', OF_A1)).toEqual(['r2 of a1']);
});

test('a referral within the own domain or of an internal account is none, whenever that is stated', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2', domain: 'One.example' }));
  company.take('a1', account('c1', 20, { domain: 'one.example' }));
  expect(company.facts('a2', OF_A1)).toEqual([]);
  company.take('a1', account('c2', 30, { domain: 'two.example' }));
  expect(company.facts('a2', OF_A1)).toEqual(['r1 of a1']);
  company.take('a1', account('c3', 40, { isInternal: true }));
  expect(company.facts('a2', OF_A1)).toEqual([]);
});

test('who is merged into whom it referred referred itself', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  company.take('a1', referred({ id: 'r3', at: 10, referred: 'a3' }));
  merged(company, 'a1', 'a2');
  expect(company.facts('a2', OF_A1)).toEqual([]);
  expect(company.facts('a3', OF_A1)).toEqual([]);
  expect(company.facts('a3', entityName('b', 'a2'))).toEqual(['r3 of a2']);
});

test('whoever the referred account is merged into knows of the referral, as long as that holds', () => {
  const company = new Company();
  const copy = entityName('y', 'a2', OF_A1);
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  merged(company, 'a2', 'a3');
  expect(company.facts('a3', copy)).toEqual(['r1 of a1']);
  company.take('a2', retracted('z1', 'm5'));
  expect(company.facts('a3', copy)).toEqual([]);
});

test('who is merged anew into an account further up the chain takes the referral along', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  merged(company, 'a2', 'a3', 6);
  merged(company, 'a3', 'a4', 7);
  const copy = entityName('y', 'a2', OF_A1);
  expect(company.facts('a4', copy)).toEqual(['r1 of a1']);
  merged(company, 'a2', 'a4', 8);
  expect(company.facts('a4', copy)).toEqual(['r1 of a1']);
  expect(company.facts('a3', copy)).toEqual([]);
});

test('a referral that is corrected to name another account is withdrawn, also if the correction comes first', () => {
  const company = new Company();
  const correction = referred({ id: 'r1', at: 10, referred: 'a3', sourceVersion: 1 });
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  company.take('a1', correction);
  expect(company.facts('a2', OF_A1)).toEqual([]);
  expect(company.facts('a3', OF_A1)).toEqual(['r1 of a1']);
  const other = new Company();
  other.take('a1', correction);
  other.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  expect(other.facts('a2', OF_A1)).toEqual([]);
});

test('what was told before a crash and never held is withdrawn with the next that is said of it', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }), retracted('z1', 'r1'));
  const withdrawn = company.told.filter(({ to }) => to === homeKey(TENANT, 'a2'));
  expect(
    withdrawn.flatMap(({ facts }) => facts.map((one) => isKind(one.fact, 'withdrawn'))),
  ).toEqual([true]);
});

test('what is done in the product tells nobody of referrals', () => {
  const company = new Company();
  company.take('a1', referred({ id: 'r1', at: 10, referred: 'a2' }));
  const before = company.told.length;
  company.take('a1', { entity: entityName('k', 'open'), fact: fact('k1', 20, { kind: 'action' }) });
  expect(company.told).toHaveLength(before);
});
