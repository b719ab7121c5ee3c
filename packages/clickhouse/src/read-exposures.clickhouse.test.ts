import { randomUUID } from 'node:crypto';

import {
  type AccountExposure,
  DEFAULT_DEFINITIONS,
  type Definitions,
  type KpiEvent,
  days,
} from '@kpi/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  accountCreated,
  accountsMerged,
  completed,
  day,
  joined,
  left,
  retractionOf,
  subscribed,
  subscriptionEnded,
  subscriptionUpdated,
  ticketCreated,
  ticketInvalidated,
  ticketMoved,
} from './test-events.ts';
import { type TestHistory, createTestHistory } from './test-history.ts';

let it: TestHistory;
let inserted = 0;

beforeEach(async () => {
  it = await createTestHistory();
  inserted = 0;
});

afterEach(async () => {
  await it.close();
});

async function insert(...events: readonly KpiEvent[]): Promise<void> {
  await it.insert(...events);
  inserted += events.length;
}

async function exposures(
  until: number,
  definitions: Definitions = DEFAULT_DEFINITIONS,
): Promise<Readonly<Record<string, AccountExposure>>> {
  const rows = await it.history.exposures({
    tenantId: 'default',
    definitions,
    until: day(until),
    ticketsFrom: day(0),
  });
  return Object.fromEntries(rows.map((row) => [row.account, row]));
}

const NEVER = 253_402_300_800_000;
const open = (id: string, given = {}) =>
  subscribed(0, { account_id: id, subscription_id: id, ...given });
const asked = (at: number) => ({ at: day(at), isOfIncident: false });

test('an account has its active time, plans, trainings, seats and tickets, as known at the end', async () => {
  await insert(
    open('a', { plan_id: 'basic', quantity: 5 }),
    subscriptionUpdated(10, {
      account_id: 'a',
      subscription_id: 'a',
      plan_id: 'pro',
      mrr_minor: 9,
      quantity: 7,
    }),
    subscriptionEnded(20, { account_id: 'a', subscription_id: 'a' }),
    completed(4, { account_id: 'a', user_id: 'u2', course_id: 'basics' }),
    completed(3, { account_id: 'a', user_id: 'u1', course_id: 'basics' }),
    completed(6, { account_id: 'a', user_id: 'u1', course_id: 'basics' }),
    completed(7, { account_id: 'a', user_id: 'u1', course_id: 'more' }),
    completed(30, { account_id: 'a', user_id: 'u3', course_id: 'basics' }),
    ticketCreated(5, { account_id: 'a' }),
    ticketCreated(2, { account_id: 'a', incident_id: 'outage' }),
    ticketCreated(26, { account_id: 'a' }),
  );
  expect(await exposures(25)).toEqual({
    a: {
      account: 'a',
      active: [{ from: day(0), to: day(20) }],
      plans: [
        { from: day(0), plan: 'basic' },
        { from: day(10), plan: 'pro' },
        { from: day(20), plan: '(none)' },
      ],
      completions: [
        { at: day(3), user: 1, course: 'basics' },
        { at: day(4), user: 2, course: 'basics' },
        { at: day(7), user: 1, course: 'more' },
      ],
      seats: [
        { from: day(0), to: day(10), seats: 5 },
        { from: day(10), to: day(20), seats: 7 },
      ],
      tickets: [{ at: day(2), isOfIncident: true }, asked(5)],
    },
  });
});

test('members bring along what they completed elsewhere, from when they belong to the account', async () => {
  const by = (user: string, account: string | null) => ({ account_id: account, user_id: user });
  await insert(
    open('a'),
    // Completed as a prospect, joined, went away, and came back.
    completed(1, { ...by('u1', null), course_id: 'basics' }),
    completed(9, { ...by('u1', 'b'), course_id: 'more' }),
    joined(3, by('u1', 'a')),
    left(4, by('u1', 'a')),
    joined(12, by('u1', 'a')),
    // Completed in another account while belonging to this one, and here while belonging to the other.
    joined(2, by('u2', 'a')),
    completed(5, { ...by('u2', 'b'), course_id: 'basics' }),
    joined(6, by('u2', 'b')),
    completed(7, { ...by('u2', 'a'), course_id: 'more' }),
    // Was gone before it completed anything.
    joined(1, by('u3', 'a')),
    joined(2, by('u3', 'b')),
    completed(8, { ...by('u3', 'b'), course_id: 'basics' }),
  );
  const { a } = await exposures(20);
  expect(a?.completions).toEqual([
    { at: day(3), user: 1, course: 'basics' },
    { at: day(5), user: 2, course: 'basics' },
    { at: day(7), user: 2, course: 'more' },
    { at: day(12), user: 1, course: 'more' },
  ]);
});

test('what is no ticket of a customer is none, and a ticket that is sent again is where it was last', async () => {
  const taken = ticketCreated(9, { account_id: 'a' });
  await insert(
    open('a'),
    open('ours'),
    accountCreated(0, { account_id: 'ours', is_internal: true }),
    ticketCreated(1, { account_id: 'ours' }),
    ticketCreated(2, { account_id: 'a', ticket_id: 'spam' }),
    ticketInvalidated(3, { account_id: 'a', ticket_id: 'spam' }),
    ticketCreated(4, { account_id: 'a', is_support: false }),
    ticketCreated(5, { account_id: 'a', is_customer_initiated: false }),
    ticketCreated(6, { account_id: 'a', ticket_id: 'moved' }),
    ticketCreated(8, { account_id: 'a', ticket_id: 'moved' }),
    taken,
    retractionOf(taken),
    ticketCreated(7, { account_id: null, user_id: 'stranger' }),
    ticketCreated(7, { account_id: 'prospect' }),
  );
  const known = await exposures(10);
  expect(Object.keys(known).toSorted()).toEqual(['', 'a', 'prospect']);
  expect(known['a']?.tickets).toEqual([asked(8)]);
  expect(known['']?.tickets).toEqual([asked(7)]);
  expect(known['prospect']).toMatchObject({ active: [], tickets: [asked(7)] });
  expect((await exposures(7))['a']?.tickets).toEqual([asked(6)]);
});

test('a ticket is that of whom it was moved to, from then on, kept as derived; merged accounts are one', async () => {
  await insert(
    open('a'),
    open('b'),
    open('c'),
    ticketCreated(2, { account_id: 'a', ticket_id: 't' }),
    ticketMoved(5, { ticket_id: 't', from: 'a', to: 'b' }),
    accountsMerged(1, 'b', 'c'),
    // By the name that it has since the merge.
    ticketMoved(8, { ticket_id: 't', from: 'c', to: 'a' }),
  );
  const holdersAt = async (until: number): Promise<readonly string[]> =>
    Object.values(await exposures(until)).flatMap(({ account, tickets }) =>
      tickets.length === 0 ? [] : [account],
    );
  const holders = async () => [await holdersAt(5), await holdersAt(5.5), await holdersAt(9)];
  expect(await holders()).toEqual([['a'], ['c'], ['a']]);
  const keep = async () =>
    it.history.keep({ bound: { 'kpi.test.v1:0': inserted }, generation: randomUUID(), nowMs: 1 });
  await keep();
  expect(await holders()).toEqual([['a'], ['c'], ['a']]);
  // What is moved later changes what is kept from then on only.
  await insert(ticketMoved(7, { ticket_id: 't', from: 'c', to: null }));
  expect(await holdersAt(6)).toEqual(['c']);
  expect(await holdersAt(7.5)).toEqual([]);
  const rows = await it.select('SELECT ticket_id, account_id FROM {{database}}.tickets');
  expect(rows).toEqual([{ ticket_id: 't', account_id: 'a' }]);
});

test('kept accounts say what the events say, until something of before has changed', async () => {
  await insert(open('a'), ticketCreated(5, { account_id: 'a' }));
  const derived = await exposures(20);
  await it.history.keep({
    bound: { 'kpi.test.v1:0': inserted },
    generation: randomUUID(),
    nowMs: 1,
  });
  expect(await exposures(20)).toEqual(derived);
  await it.run('TRUNCATE TABLE {{database}}.kept_exposures SYNC');
  expect(await exposures(20)).toEqual({});
  await insert(completed(10, { account_id: 'a', user_id: 'u', course_id: 'basics' }));
  expect((await exposures(20))['a']?.completions).toHaveLength(1);
  expect(await exposures(9)).toEqual({});
});

test('the view of days adds up to the active time and the tickets of each state', async () => {
  await insert(
    open('a', { plan_id: 'basic' }),
    subscriptionEnded(30.5, { account_id: 'a', subscription_id: 'a' }),
    completed(2.25, { account_id: 'a', user_id: 'u1', course_id: 'basics' }),
    ticketCreated(2.1, { account_id: 'a' }),
    ticketCreated(2.5, { account_id: 'a', incident_id: 'outage' }),
    ticketCreated(29, { account_id: 'a' }),
    ticketCreated(31, { account_id: 'a' }),
  );
  const rows = await it.select(
    `SELECT toString(day) AS day, is_trained, tenure, plan, toInt64(exposure_ms) / 86400000 AS days, toInt32(tickets) AS tickets,
       toInt32(incident_tickets) AS incidents
     FROM {{database}}.cohort_exposure_daily WHERE day IN ('2026-01-03', '2026-01-30', '2026-01-31') ORDER BY day, is_trained`,
  );
  const state = { plan: 'basic', incidents: 0 };
  expect(rows).toEqual([
    { ...state, day: '2026-01-03', is_trained: false, tenure: '0-28', days: 0.25, tickets: 1 },
    {
      ...state,
      day: '2026-01-03',
      is_trained: true,
      tenure: '0-28',
      days: 0.75,
      tickets: 1,
      incidents: 1,
    },
    { ...state, day: '2026-01-30', is_trained: true, tenure: '28-84', days: 1, tickets: 1 },
    { ...state, day: '2026-01-31', is_trained: true, tenure: '28-84', days: 0.5, tickets: 0 },
  ]);
  const sums = await it.select(
    'SELECT toInt64(sum(exposure_ms)) AS ms, toInt32(sum(tickets)) AS tickets FROM {{database}}.cohort_exposure_daily',
  );
  expect(sums).toEqual([{ ms: days(30.5), tickets: 3 }]);
});

test('an account that has not ended is active until now', async () => {
  await insert(open('a'));
  expect((await exposures(20))['a']?.active).toEqual([{ from: day(0), to: NEVER }]);
});
