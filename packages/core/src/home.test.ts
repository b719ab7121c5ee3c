import { describe, expect, test } from 'vitest';

import { ENTITY, entityName } from './entity.ts';
import { type Fact, type FactBody, type FactOrigin } from './fact.ts';
import { type FactSource, Home, type PlacedFact, RETRACTIONS, effectiveFacts } from './home.ts';

function placed(
  key: string,
  fact: Partial<FactOrigin> & { readonly entity?: string; readonly body?: FactBody } = {},
): PlacedFact {
  const { entity = 'ticket', body = { kind: 'ticket', isCounted: true }, ...origin } = fact;
  const whole = { key, eventId: key, at: 0, sourceVersion: 0, receivedAt: 0, offset: 0, ...origin };
  return { entity, fact: { ...whole, ...body } };
}

function retraction(key: string, target: string): PlacedFact {
  return placed(key, { entity: RETRACTIONS, body: { kind: 'retraction', target } });
}

function homeOf(...facts: readonly PlacedFact[]): Home {
  const home = new Home();
  for (const fact of facts) home.merge(fact);
  return home;
}

function effective(home: Home, entity = 'ticket'): readonly string[] {
  return effectiveFacts(home, entity).map(({ key }) => key);
}

describe('of two payloads of one key', () => {
  const cases: readonly [string, Partial<FactOrigin>, Partial<FactOrigin>][] = [
    ['the higher source version', { sourceVersion: 2, receivedAt: 1 }, { receivedAt: 9 }],
    ['else the one received later', { receivedAt: 2 }, { receivedAt: 1, offset: 9 }],
    ['else the one later in the log', { offset: 2 }, { offset: 1 }],
  ];

  test.each(cases)('%s wins, whichever comes first', (_title, winner, loser) => {
    const won = placed('a', { ...winner, at: 1 });
    const lost = placed('a', { ...loser, at: 2 });
    for (const home of [homeOf(won, lost), homeOf(lost, won)])
      expect(home.facts('ticket')).toEqual([won.fact]);
  });

  test('the winner may belong to another entity; the first one is touched and empty', () => {
    const home = homeOf(placed('a'));
    const moved = placed('a', { entity: 'other', sourceVersion: 1 });
    expect([...home.merge(moved)]).toEqual(['ticket', 'other']);
    expect(home.facts('ticket')).toEqual([]);
    expect([...home.entities()]).toEqual(['other']);
  });

  test('the same one again touches nothing', () => {
    expect([...homeOf(placed('a')).merge(placed('a'))]).toEqual([]);
  });
});

describe('a retraction', () => {
  test('takes its target back, whichever comes first', () => {
    expect(effective(homeOf(placed('a'), retraction('r', 'a')))).toEqual([]);
    expect(effective(homeOf(retraction('r', 'a'), placed('a')))).toEqual([]);
  });

  test('can be taken back itself, up to four deep', () => {
    const chain = [placed('a')];
    const seen = [effective(homeOf(...chain)).length];
    for (const [index, target] of ['a', 'r0', 'r1', 'r2', 'r3'].entries()) {
      chain.push(retraction(`r${index}`, target));
      seen.push(effective(homeOf(...chain)).length);
    }
    expect(seen).toEqual([1, 0, 1, 0, 1, 1]);
  });

  test('touches the entity of its target, also through another retraction', () => {
    const home = homeOf(placed('a'), retraction('r0', 'a'));
    expect(home.merge(retraction('r1', 'r0'))).toEqual(new Set([RETRACTIONS, 'ticket']));
  });

  test('that names another target frees the first', () => {
    const home = homeOf(placed('a'), placed('b'), retraction('r', 'a'));
    const redirected = retraction('r', 'b');
    home.merge({ ...redirected, fact: { ...redirected.fact, sourceVersion: 1 } });
    expect(effective(home)).toEqual(['a']);
  });
});

test('effective facts are in order of occurrence, then of event id', () => {
  const home = homeOf(placed('c', { at: 1 }), placed('b', { at: 1 }), placed('a', { at: 2 }));
  expect(effective(home)).toEqual(['b', 'c', 'a']);
});

test('of activity the earliest eight are kept, whatever the order', () => {
  const activity = Array.from({ length: 12 }, (_, index) =>
    placed(`a${index}`, { at: index, body: { kind: 'activity', version: null } }),
  );
  const kept = (facts: readonly PlacedFact[]): readonly number[] =>
    effectiveFacts(homeOf(...facts), 'ticket').map(({ at }) => at);
  expect(kept(activity)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(kept(activity.toReversed())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('of activity what was taken back gives way first, so that the earliest that holds is kept', () => {
  const at = (index: number): PlacedFact =>
    placed(`a${index}`, { at: index, body: { kind: 'activity', version: null } });
  const early = Array.from({ length: 8 }, (_, index) => at(index));
  const back = early.map(({ fact }) => retraction(`undo-${fact.key}`, fact.key));
  expect(effective(homeOf(...early, ...back, at(8)))).toEqual(['a8']);
});

test('after a merge the home before it can still be read', () => {
  const home = homeOf(placed('a'), placed('x', { entity: 'other' }));
  const { touched, before } = home.mergeAll([
    placed('b'),
    placed('c', { entity: 'new' }),
    placed('a', { entity: 'other', sourceVersion: 1 }),
  ]);
  const keysIn = (source: FactSource, entity: string): readonly string[] =>
    effectiveFacts(source, entity).map(({ key }) => key);
  expect([...touched]).toEqual(['ticket', 'new', 'other']);
  expect(['ticket', 'other', 'new'].map((entity) => keysIn(before, entity))).toEqual([
    ['a'],
    ['x'],
    [],
  ]);
  expect(['ticket', 'other', 'new'].map((entity) => keysIn(home, entity))).toEqual([
    ['b'],
    ['a', 'x'],
    ['c'],
  ]);
});

test('of several merges of one entity the first state of all is the one before', () => {
  const home = homeOf(placed('a'));
  const { before } = home.mergeAll([placed('b'), placed('c')]);
  expect(before.facts('ticket').map(({ key }) => key)).toEqual(['a']);
});

test('a home made from its entities goes on as if it had merged them', () => {
  const home = homeOf(placed('a', { sourceVersion: 1 }), retraction('r', 'a'));
  const entities: (readonly [string, readonly Fact[]])[] = [...home.entities()].map((entity) => [
    entity,
    home.facts(entity),
  ]);
  const copy = new Home(entities);
  expect([...copy.merge(placed('a'))]).toEqual([]);
  expect(effective(copy)).toEqual([]);
});

describe('what is withdrawn', () => {
  const told = placed('a', { receivedAt: 1 });
  const withdrawn = placed('a', { receivedAt: 1, body: { kind: 'withdrawn' } });
  const earlier = placed('a', { entity: 'other' });

  test('is gone, and counts again when it is told again', () => {
    expect(homeOf(told, withdrawn).facts('ticket')).toEqual([]);
    expect(homeOf(told, withdrawn, told).facts('ticket')).toEqual([told.fact]);
  });

  test('is what was told before it, also if both are taken in at once', () => {
    const facts = (...all: readonly PlacedFact[]): readonly Fact[] => {
      const home = new Home();
      home.mergeAll(all);
      return home.facts('ticket');
    };
    expect(facts(told, withdrawn)).toEqual([]);
    expect(facts(withdrawn, told)).toEqual([told.fact]);
    expect(facts(told, withdrawn, told)).toEqual([told.fact]);
  });

  test('leaves room for an earlier version, wherever that stands', () => {
    const home = homeOf(told);
    home.mergeAll([earlier, withdrawn]);
    expect(home.facts('other')).toEqual([earlier.fact]);
  });

  const merger = entityName(ENTITY.merger, 'a1');
  const toldMerger = (key: string, fact: Partial<FactOrigin> = {}): PlacedFact =>
    placed(key, { entity: merger, body: { kind: 'merger', into: 'a2' }, ...fact });
  const withdrawnMerger = placed('a', { entity: merger, body: { kind: 'withdrawn' } });

  test('stays away if it says who is who, in whichever order both are told, and however often it is in the log', () => {
    for (const home of [
      homeOf(toldMerger('a'), withdrawnMerger),
      homeOf(withdrawnMerger, toldMerger('a')),
      homeOf(toldMerger('a', { offset: 7 }), withdrawnMerger, toldMerger('a', { offset: 9 })),
    ]) {
      expect(home.facts(merger)).toEqual([]);
      expect(home.isGone(toldMerger('a').fact)).toBe(true);
    }
  });

  test('leaves other versions and other merges', () => {
    const [other, newer] = [toldMerger('b'), toldMerger('a', { receivedAt: 1 })];
    const home = homeOf(withdrawnMerger, other, newer);
    expect(home.facts(merger)).toEqual([newer.fact, other.fact]);
  });
});
