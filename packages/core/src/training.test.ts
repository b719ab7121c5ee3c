import { expect, test } from 'vitest';

import { accountOf } from './contribution.ts';
import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { ENTITY, PART, entityName } from './entity.ts';
import { Home, type PlacedFact, RETRACTIONS } from './home.ts';
import { homeKey } from './home-key.ts';
import { Company, TENANT, fact } from './test-company.ts';

function completed(id: string, at: number, user = 'u1'): PlacedFact {
  const body = { kind: 'completion', version: null } as const;
  return { entity: entityName(ENTITY.courseRun, user, 'basics'), fact: fact(id, at, body) };
}

function moved(id: string, at: number, step: 'joined' | 'left', user = 'u1'): PlacedFact {
  const body = { kind: 'membership', step } as const;
  return { entity: entityName(ENTITY.membership, user), fact: fact(id, at, body) };
}

function trainedAt(company: Company, account: string): number {
  const home = company.homes.get(homeKey(TENANT, account))?.home ?? new Home();
  return accountOf(home, { hasAccount: true, definitions: DEFAULT_DEFINITIONS }).state.trainedAt;
}

test('a prospect who completed a course trains the account that is joined, whatever is known first', () => {
  const first = new Company();
  first.take('user:u1', completed('c', 10));
  first.take('a', moved('j', 20, 'joined'));
  const second = new Company();
  second.take('a', moved('j', 20, 'joined'));
  second.take('user:u1', completed('c', 10));
  expect([trainedAt(first, 'a'), trainedAt(second, 'a')]).toEqual([20, 20]);
});

test('who moves brings training along, and the account that is left stays trained', () => {
  const company = new Company();
  company.take('a', moved('j1', 1, 'joined'), completed('c', 10));
  company.take('b', moved('j2', 30, 'joined'));
  expect([trainedAt(company, 'a'), trainedAt(company, 'b')]).toEqual([10, 30]);
});

test('who left before completing a course elsewhere trains nobody there', () => {
  const company = new Company();
  company.take('a', moved('j1', 1, 'joined'), moved('l', 5, 'left'));
  company.take('b', completed('c', 10));
  expect([trainedAt(company, 'a'), trainedAt(company, 'b')]).toEqual([Infinity, 10]);
});

test('a join elsewhere ends a membership, and a join that is taken back never was', () => {
  const company = new Company();
  company.take('a', moved('j1', 1, 'joined'));
  company.take('user:u1', completed('c', 10));
  expect(trainedAt(company, 'a')).toBe(10);
  company.take('b', moved('j2', 5, 'joined'));
  expect([trainedAt(company, 'a'), trainedAt(company, 'b')]).toEqual([Infinity, 10]);
  const body = { kind: 'retraction', target: `test${PART}j2` } as const;
  company.take('b', { entity: RETRACTIONS, fact: fact('r', 20, body) });
  expect([trainedAt(company, 'a'), trainedAt(company, 'b')]).toEqual([10, Infinity]);
});
