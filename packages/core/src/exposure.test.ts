import { expect, test } from 'vitest';

import { days } from './duration.ts';
import {
  type AccountExposure,
  activeMs,
  comparedPieces,
  planAt,
  tenureAt,
  ticketsIn,
  trainedAt,
} from './exposure.ts';

const NONE: AccountExposure = {
  account: 'a',
  active: [{ from: 0, to: days(100) }],
  plans: [
    { from: 0, plan: 'basic' },
    { from: days(10), plan: 'pro' },
  ],
  completions: [],
  seats: [],
  tickets: [],
};
const done = (day: number, user: number, course = 'basics') => ({ at: days(day), user, course });

test('an account is trained by the first user, by so many, or by a share of its seats', () => {
  const account = {
    ...NONE,
    completions: [done(1, 1, 'other'), done(2, 1), done(3, 2), done(4, 3)],
    seats: [
      { from: 0, to: days(20), seats: 10 },
      { from: days(20), to: days(90), seats: 5 },
    ],
  };
  const at = (courses: readonly string[], needs: Parameters<typeof trainedAt>[1]['needs']) =>
    trainedAt(account, { courses, needs }) / days(1);
  expect(at([], { users: 1 })).toBe(1);
  expect(at(['basics'], { users: 1 })).toBe(2);
  expect(at(['basics'], { users: 3 })).toBe(4);
  expect(at([], { users: 4 })).toBe(Infinity);
  expect(at([], { seatShare: 0.3 })).toBe(4);
  // With half of the seats gone three are enough.
  expect(at([], { seatShare: 0.6 })).toBe(20);
  expect(at([], { seatShare: 0.61 })).toBe(Infinity);
});

test('seats that nobody stated train nobody', () => {
  const account = { ...NONE, completions: [done(1, 1)] };
  expect(trainedAt(account, { courses: [], needs: { seatShare: 0.01 } })).toBe(Infinity);
});

test('active time is cut at the window, training, tenure, plan and other cuts; the lag is nobody’s', () => {
  const pieces = comparedPieces(NONE, days(20), {
    window: { from: days(5), to: days(40) },
    lagMs: days(4),
    tenureEdgesMs: [days(28)],
    cutAt: [days(35)],
  });
  expect(
    pieces.map(({ from, to, isTrained, tenure, plan }) => [
      from / days(1),
      to / days(1),
      isTrained,
      tenure,
      plan,
    ]),
  ).toEqual([
    [5, 10, false, '0-28', 'basic'],
    [10, 20, false, '0-28', 'pro'],
    [24, 28, true, '0-28', 'pro'],
    [28, 35, true, '28+', 'pro'],
    [35, 40, true, '28+', 'pro'],
  ]);
});

test('tenure begins anew with each active period', () => {
  const account = {
    ...NONE,
    active: [
      { from: 0, to: days(50) },
      { from: days(60), to: days(100) },
    ],
  };
  const pieces = comparedPieces(account, Infinity, {
    window: { from: days(40), to: days(70) },
    lagMs: 0,
    tenureEdgesMs: [days(28)],
  });
  expect(pieces.map(({ tenure }) => tenure)).toEqual(['28+', '0-28']);
  expect(activeMs(account, { from: days(40), to: days(70) })).toBe(days(20));
});

test('labels, plans and tickets at the edges', () => {
  expect(
    [0, days(28) - 1, days(28), days(500)].map((at) => tenureAt(at, [days(28), days(84)])),
  ).toEqual(['0-28', '0-28', '28-84', '84+']);
  expect(tenureAt(5, [])).toBe('0+');
  expect([planAt(NONE, -1), planAt(NONE, 0), planAt(NONE, days(10))]).toEqual([
    '(none)',
    'basic',
    'pro',
  ]);
  const tickets = [1, 2, 2, 5].map((at) => ({ at, isOfIncident: false }));
  expect(ticketsIn(tickets, { from: 2, to: 5 })).toBe(2);
  expect(ticketsIn(tickets, { from: 5, to: 6 })).toBe(1);
  expect(ticketsIn(tickets, { from: 6, to: 9 })).toBe(0);
});
