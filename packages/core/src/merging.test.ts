import { expect, test } from 'vitest';

import { entityName } from './entity.ts';
import { isOwn } from './fact.ts';
import { Home, type PlacedFact, RETRACTIONS } from './home.ts';
import { homeKey, parseHomeKey } from './home-key.ts';
import { mergedHome } from './merging.ts';
import { settle } from './shared-users.ts';
import { Company, TENANT, fact } from './test-company.ts';

function asked(id: string, at: number): PlacedFact {
  return {
    entity: entityName('t', 'desk', id),
    fact: fact(id, at, { kind: 'ticket', isCounted: true }),
  };
}

function enrolled(user: string, id: string, at: number): PlacedFact {
  const body = { kind: 'enrolment', version: '1', enrolmentId: id } as const;
  return { entity: entityName('r', user, 'basics'), fact: fact(id, at, body) };
}

function taken(id: string, target: string): PlacedFact {
  const { key } = fact(target, 0, {});
  return { entity: RETRACTIONS, fact: fact(id, 0, { kind: 'retraction', target: key }) };
}

type Said = readonly (readonly [subject: string, placed: PlacedFact])[];

/** A merge, in the homes of both. */
function merged(from: string, into: string, at = 100): Said {
  const placed = {
    entity: entityName('j', from),
    fact: fact(`m-${from}-${into}`, at, { kind: 'merger', into }),
  };
  return [
    [from, placed],
    [into, placed],
  ];
}

/** A merge as it was told first: another version of its event names another account. */
function outdated(from: string, into: string, event: string, sourceVersion: number): Said {
  const { entity, fact: said } = merged(from, into)[0]?.[1] ?? raise();
  const { key } = fact(event, 0, {});
  const placed = { entity, fact: { ...said, key, eventId: event, sourceVersion } };
  return [
    [from, placed],
    [into, placed],
  ];
}

function raise(): never {
  throw new RangeError('there is no merge');
}

/** The same of users. */
function mergedUser(from: string, into: string, at = 100): Said {
  const placed = {
    entity: entityName('q', from),
    fact: fact(`m-${from}-${into}`, at, { kind: 'merger', into }),
  };
  return [
    [`user:${from}`, placed],
    [`user:${into}`, placed],
  ];
}

/** Ids of the events that each home counts as its own, by home; homes that count nothing are left out. */
function countedIn(homes: ReadonlyMap<string, Home>): Readonly<Record<string, readonly string[]>> {
  const counts: Record<string, readonly string[]> = {};
  for (const [key, source] of homes) {
    const owner = parseHomeKey(key);
    const { home } = mergedHome(source, owner);
    const own = [...home.entities()]
      .filter((entity) => entity !== RETRACTIONS)
      .flatMap((entity) => home.facts(entity))
      .filter(isOwn);
    if (own.length > 0) counts[owner.subject] = own.map(({ eventId }) => eventId).toSorted();
  }
  return counts;
}

function told(said: Said): Readonly<Record<string, readonly string[]>> {
  const company = new Company();
  for (const [subject, placed] of said) company.take(subject, placed);
  return countedIn(new Map([...company.homes].map(([key, { home }]) => [key, home])));
}

function settled(said: Said): Readonly<Record<string, readonly string[]>> {
  const homes = new Map<string, Home>();
  for (const [subject, placed] of said) {
    const key = homeKey(TENANT, subject);
    const home = homes.get(key) ?? new Home();
    homes.set(key, home);
    home.merge(placed);
  }
  settle(homes);
  return countedIn(homes);
}

/** What is counted, whether homes are told at once, in the other order, or when all are filled. */
function expectCounted(said: Said, counts: Readonly<Record<string, readonly string[]>>): void {
  expect(told(said), 'in order').toEqual(counts);
  expect(told(said.toReversed()), 'in the other order').toEqual(counts);
  expect(settled(said), 'settled').toEqual(counts);
}

test('the account that goes on counts what both did, before and after', () => {
  expectCounted(
    [['a', asked('t1', 1)], ['b', asked('t2', 2)], ...merged('a', 'b'), ['a', asked('t3', 300)]],
    {
      b: ['t1', 't2', 't3'],
    },
  );
});

test('the end of a chain counts all of it', () => {
  const all: Said = [
    ['a', asked('t1', 1)],
    ['b', asked('t2', 2)],
    ['c', asked('t3', 3)],
  ];
  expectCounted([...all, ...merged('a', 'b'), ...merged('b', 'c')], { c: ['t1', 't2', 't3'] });
  expectCounted([...merged('b', 'c'), ...all, ...merged('a', 'b')], { c: ['t1', 't2', 't3'] });
});

test('of several merges of an account the last one counts', () => {
  expectCounted([['a', asked('t1', 1)], ...merged('a', 'c', 20), ...merged('a', 'b', 10)], {
    c: ['t1'],
  });
});

test('a merge that was corrected holds for nobody but whom it names last', () => {
  const said: Said = [
    ['a', asked('t1', 1)],
    ['a', enrolled('u', 'e1', 2)],
    ['c', enrolled('u', 'e2', 3)],
    ...merged('a', 'b'),
    ...outdated('a', 'c', 'm-a-b', -1),
    ...outdated('d', 'c', 'm-a-b', -2),
    ['d', asked('t2', 4)],
  ];
  expectCounted(said, { b: ['e1', 't1'], c: ['e2'], d: ['t2'] });
});

test('accounts on a circle stay what they are, and a chain ends where it enters', () => {
  expectCounted(
    [
      ['a', asked('t1', 1)],
      ['b', asked('t2', 2)],
      ['c', asked('t3', 3)],
      ['d', asked('t4', 4)],
      ...merged('a', 'b'),
      ...merged('b', 'c'),
      ...merged('c', 'a'),
      ...merged('d', 'b'),
    ],
    { a: ['t1'], b: ['t2', 't4'], c: ['t3'] },
  );
});

test.each(['a', 'b'])(
  'a merge taken back in the home of %s never was one, for the users of both, too',
  (home) => {
    expectCounted(
      [
        ['a', asked('t1', 1)],
        ['b', asked('t2', 2)],
        ['a', enrolled('u', 'e1', 3)],
        ['b', enrolled('u', 'e2', 4)],
        ...merged('a', 'b'),
        [home, taken('z', 'm-a-b')],
      ],
      { a: ['e1', 't1'], b: ['e2', 't2'] },
    );
  },
);

test('users who were merged are one in every home of theirs', () => {
  const company = new Company();
  const said: Said = [
    ['a', enrolled('u', 'e1', 3)],
    ['b', enrolled('v', 'e2', 4)],
    ['user:w', enrolled('w', 'e3', 5)],
    ...mergedUser('u', 'v'),
    ...mergedUser('v', 'w'),
  ];
  for (const [subject, placed] of said) company.take(subject, placed);
  for (const subject of ['a', 'b', 'user:w']) {
    const source = company.homes.get(homeKey(TENANT, subject))?.home ?? new Home();
    const { home } = mergedHome(source, parseHomeKey(homeKey(TENANT, subject)));
    const facts = home.facts(entityName('r', 'w', 'basics'));
    expect(
      facts.map(({ eventId }) => eventId),
      subject,
    ).toEqual(['e1', 'e2', 'e3']);
    expect(facts.filter(isOwn), subject).toHaveLength(1);
  }
});

test('what an account forgets is forgotten by the account that it was merged into, and an earlier version of it counts again', () => {
  const company = new Company();
  for (const [subject, placed] of merged('a1', 'a2')) company.take(subject, placed);
  company.take('a1', asked('t1', 1));
  const first = asked('t2', 2);
  company.take('a1', first);
  company.take('a1', { ...first, fact: { ...first.fact, sourceVersion: 1 } });
  const reread = [merged('a1', 'a2')[0]?.[1] ?? raise(), first];
  company.remake('a1', ...reread);
  const homes = new Map([...company.homes].map(([key, { home }]) => [key, home]));
  expect(countedIn(homes)).toEqual({ a2: ['t2'] });
  expect(homes.get(homeKey(TENANT, 'a2'))?.factOf(first.fact.key)?.sourceVersion).toBe(0);
});
