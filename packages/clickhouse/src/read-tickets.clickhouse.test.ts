import { DAY_MS, DEFAULT_DEFINITIONS, days } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import {
  completed,
  day,
  retractionOf,
  subscribed,
  subscriptionEnded,
  subscriptionUpdated,
  ticketCreated,
  ticketInvalidated,
  ticketMoved,
} from './test-events.ts';
import { testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

describe('support_ticket_rate', () => {
  const kpiId = 'support_ticket_rate';

  test('counts the worked example of KPI_SPEC 2.10', async () => {
    const open = (id: string) => subscribed(0, { account_id: id, subscription_id: id });
    const done = (at: number, account_id: string) =>
      completed(at, { account_id, user_id: `u-${account_id}`, course_id: 'c1' });
    await it.insert(
      open('A'),
      open('B'),
      open('C'),
      open('D'),
      done(14, 'A'),
      done(0, 'C'),
      subscriptionEnded(7, { account_id: 'D', subscription_id: 'D' }),
      ticketCreated(3, { account_id: 'A' }),
      ticketCreated(13, { account_id: 'A' }),
      ...[1, 2, 27].map((at) => ticketCreated(at, { account_id: 'B' })),
      ticketCreated(20, { account_id: 'C' }),
      ticketCreated(6, { account_id: 'D' }),
    );
    const counts = await it.read({ kpiId, asOf: 28, by: ['trained'] });
    expect(counts).toMatchObject({
      false: { tickets: 6n, exposure_ms: BigInt(days(49)), accounts: 3n },
      true: { tickets: 1n, exposure_ms: BigInt(days(42)), accounts: 2n },
    });
    expect(await it.read({ kpiId, asOf: 28 })).toMatchObject({
      '': { tickets: 7n, exposure_ms: BigInt(days(91)), accounts: 4n },
    });
  });

  test('cuts tenure and plan, and clips person-time', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1', plan_id: 'basic' }),
      subscriptionUpdated(30, {
        account_id: 'a1',
        subscription_id: 's1',
        plan_id: 'pro',
        mrr_minor: 9,
      }),
      ticketCreated(28, { account_id: 'a1' }),
    );
    const counts = await it.read({ kpiId, asOf: 35, by: ['tenure', 'plan'], clipAt: day(34) });
    expect(counts).toMatchObject({
      '0-28|basic': { tickets: 0n, exposure_ms: BigInt(days(21)) },
      '28-84|basic': { tickets: 1n, exposure_ms: BigInt(days(2)) },
      '28-84|pro': { tickets: 0n, exposure_ms: BigInt(days(4)) },
    });
    expect(Object.keys(await it.read({ kpiId, asOf: 400, by: ['tenure'] }))).toEqual(['364+']);
  });

  test('tells apart tickets of inactive accounts and of no account, and drops what is no ticket', async () => {
    const spam = ticketCreated(2, { account_id: 'a1', ticket_id: 'spam' });
    await it.insert(
      subscribed(1, { account_id: 'a1', subscription_id: 's1' }),
      spam,
      ticketInvalidated(400, { account_id: 'a1', ticket_id: 'spam' }),
      ticketCreated(0, { account_id: 'a1' }),
      ticketCreated(2, { account_id: null, user_id: 'u9' }),
      ticketCreated(2, { account_id: 'a1', is_support: false }),
      ticketCreated(2, { account_id: 'a1', is_customer_initiated: false }),
      ticketCreated(1, { account_id: 'a1' }),
    );
    expect(await it.read({ kpiId, asOf: 5 })).toMatchObject({
      '': { tickets: 1n, account_not_active: 1n, unresolved_account: 1n },
    });
  });

  test('counts a ticket for the account that has it at t, in the state of that one when it was opened', async () => {
    const open = (id: string, plan_id: string) =>
      subscribed(0, { account_id: id, subscription_id: id, plan_id });
    const wrong = ticketMoved(4, { ticket_id: 't', from: 'a', to: 'c' });
    await it.insert(
      open('a', 'basic'),
      open('b', 'pro'),
      subscribed(3, { account_id: 'late', subscription_id: 'late' }),
      ticketCreated(2, { account_id: 'a', ticket_id: 't' }),
      wrong,
      retractionOf(wrong),
      // Said of an organization; the event itself names whose it was.
      ticketMoved(6, {
        ticket_id: 't',
        from: null,
        to: 'b',
        account_id: 'a',
        field: 'organization_id',
      }),
      // It never was that account's.
      ticketMoved(7, { ticket_id: 't', from: 'x', to: 'y' }),
      ticketMoved(8, { ticket_id: 't', from: 'b', to: 'late' }),
      ticketMoved(9, { ticket_id: 't', from: 'late', to: null }),
      ticketMoved(10, { ticket_id: 't', from: 'late', to: 'a' }),
    );
    const at = async (asOf: number, ms = 0) => {
      const rows = await it.read({ kpiId, asOf: asOf + ms / DAY_MS, by: ['plan'] });
      return Object.fromEntries(
        Object.entries(rows).flatMap(([plan, { tickets, account_not_active: inactive }]) =>
          (tickets ?? 0n) + (inactive ?? 0n) > 0n ? [[plan, [tickets, inactive]]] : [],
        ),
      );
    };
    expect(await at(6)).toEqual({ basic: [1n, 0n] });
    expect(await at(6, 1)).toEqual({ pro: [1n, 0n] });
    expect(await at(8)).toEqual({ pro: [1n, 0n] });
    // It was no customer yet when the ticket was opened.
    expect(await at(9)).toEqual({ '(none)': [0n, 1n] });
    expect(await at(10)).toEqual({});
    expect(await at(30)).toEqual({ basic: [1n, 0n] });
    expect(await at(30, 1)).toEqual({});
  });

  test('trains by the courses that train, for good', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1' }),
      completed(3, { account_id: 'a1', user_id: 'u1', course_id: 'other' }),
      completed(5, { account_id: 'a1', user_id: 'u1', course_id: 'basics' }),
    );
    const definitions = { ...DEFAULT_DEFINITIONS, trainingCourses: ['basics'] };
    expect(await it.read({ kpiId, asOf: 10, by: ['trained'], definitions })).toMatchObject({
      false: { exposure_ms: BigInt(days(5)) },
      true: { exposure_ms: BigInt(days(5)) },
    });
  });
});
