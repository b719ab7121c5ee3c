import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { accountAt, type MembershipChange } from './membership.ts';

const BASE = { userId: 'u1', accountId: 'a1', source: 'crm', sourceVersion: 0, retracts: null };

/** Changes of one user; ids are made from the position. */
function changes(
  ...given: readonly (Partial<MembershipChange> & Pick<MembershipChange, 'kind' | 'at'>)[]
): readonly MembershipChange[] {
  return given.map((change, index) => Object.assign({ eventId: `e${index}` }, BASE, change));
}

test('a user nobody spoke of is a prospect', () => {
  expect(accountAt([], 100)).toBeNull();
});

test('a join holds from its own millisecond', () => {
  const timeline = changes({ kind: 'joined', at: 100 });
  expect([99, 100, 101].map((at) => accountAt(timeline, at))).toEqual([null, 'a1', 'a1']);
});

test('a leave ends the membership at its own millisecond', () => {
  const timeline = changes({ kind: 'joined', at: 100 }, { kind: 'left', at: 200 });
  expect([199, 200].map((at) => accountAt(timeline, at))).toEqual(['a1', null]);
});

test('joining another account is leaving the first, and the late leave of the first changes nothing', () => {
  const timeline = changes(
    { kind: 'joined', at: 100 },
    { kind: 'joined', at: 200, accountId: 'a2' },
    { kind: 'left', at: 300 },
  );
  expect([150, 200, 300].map((at) => accountAt(timeline, at))).toEqual(['a1', 'a2', 'a2']);
});

test('leaving and joining in one millisecond is being a member', () => {
  const timeline = changes({ kind: 'joined', at: 100 }, { kind: 'left', at: 100 });
  expect(accountAt(timeline, 100)).toBe('a1');
});

test('of two payloads of one event the higher source version holds, whichever came first', () => {
  const [first, second] = changes(
    { kind: 'joined', at: 100, eventId: 'e', sourceVersion: 2 },
    { kind: 'joined', at: 100, eventId: 'e', sourceVersion: 1, accountId: 'a2' },
  );
  expect(
    accountAt(
      [first, second].filter((one) => one !== undefined),
      100,
    ),
  ).toBe('a1');
  expect(
    accountAt(
      [second, first].filter((one) => one !== undefined),
      100,
    ),
  ).toBe('a1');
});

test('a retracted join never happened, and a retracted retraction restores it', () => {
  const join = { kind: 'joined', at: 100, eventId: 'join' } as const;
  const retraction = { kind: 'joined', at: 500, eventId: 'oops', retracts: 'join' } as const;
  const restoration = { kind: 'joined', at: 600, eventId: 'sorry', retracts: 'oops' } as const;
  expect(accountAt(changes(join, retraction), 150)).toBeNull();
  expect(accountAt(changes(join, retraction, restoration), 150)).toBe('a1');
});

test('a retraction looks up its target in its own source only', () => {
  const timeline = changes(
    { kind: 'joined', at: 100, eventId: 'join' },
    { kind: 'joined', at: 500, eventId: 'oops', retracts: 'join', source: 'other' },
  );
  expect(accountAt(timeline, 150)).toBe('a1');
});

test('any order and any repetition of the changes gives the same account at every instant', () => {
  const change = fc.record({
    kind: fc.constantFrom('joined' as const, 'left' as const),
    at: fc.integer({ min: 0, max: 5 }),
    accountId: fc.constantFrom('a1', 'a2', 'a3'),
  });
  const shuffled = fc
    .array(change, { maxLength: 12 })
    .map((given) => changes(...given))
    .chain((timeline) =>
      fc.tuple(
        fc.constant(timeline),
        fc.shuffledSubarray([...timeline, ...timeline], { minLength: timeline.length * 2 }),
      ),
    );
  fc.assert(
    fc.property(shuffled, fc.integer({ min: -1, max: 6 }), ([timeline, disordered], at) => {
      expect(accountAt(disordered, at)).toBe(accountAt(timeline, at));
    }),
  );
});
