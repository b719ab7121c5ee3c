import { expect, test } from 'vitest';

import { type MembershipChange, membershipsOf } from './membership.ts';

const change = (
  at: number,
  kind: 'joined' | 'left',
  account = 'a',
  eventId = String(at),
): MembershipChange => ({ at, kind, account, eventId, key: eventId });

test('who joins belongs to the account until the next join, or until it is left', () => {
  expect(
    membershipsOf([change(1, 'joined'), change(3, 'joined', 'b'), change(5, 'left', 'b')]),
  ).toEqual([
    { account: 'a', from: 1, to: 3 },
    { account: 'b', from: 3, to: 5 },
  ]);
  expect(membershipsOf([change(1, 'joined')])).toEqual([{ account: 'a', from: 1, to: Infinity }]);
});

test('to join again or to leave another account changes nothing', () => {
  const said = [change(1, 'joined'), change(2, 'joined'), change(3, 'left', 'b')];
  expect(membershipsOf(said)).toEqual([{ account: 'a', from: 1, to: Infinity }]);
  expect(membershipsOf([change(1, 'left')])).toEqual([]);
});

test('an account without a name is one like any other', () => {
  const said = [{ ...change(1, 'joined'), account: undefined }, change(2, 'joined')];
  expect(membershipsOf(said)).toEqual([
    { account: undefined, from: 1, to: 2 },
    { account: 'a', from: 2, to: Infinity },
  ]);
});

test('the order in which changes are known does not matter, also within an instant', () => {
  const said = [
    change(1, 'joined', 'a', 'x'),
    change(1, 'joined', 'b', 'y'),
    change(4, 'left', 'b'),
    change(4, 'joined', 'c'),
  ];
  const expected = [
    { account: 'b', from: 1, to: 4 },
    { account: 'c', from: 4, to: Infinity },
  ];
  expect(membershipsOf(said)).toEqual(expected);
  expect(membershipsOf(said.toReversed())).toEqual(expected);
});
