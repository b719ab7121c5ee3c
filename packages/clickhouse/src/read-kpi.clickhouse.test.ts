import { DAY_MS, DEFAULT_DEFINITIONS, days } from '@kpi/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import {
  answered,
  completed,
  day,
  invoicePaid,
  ratePublished,
  refundIssued,
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

beforeAll(async () => {
  it = await createTestHistory();
});

afterEach(async () => {
  await it.clear();
});

afterAll(async () => {
  await it.close();
});

const MS = 1 / days(1);

describe('customer_churn_rate', () => {
  const kpiId = 'customer_churn_rate';

  test('counts the worked example of KPI_SPEC 2.3', async () => {
    const names = (prefix: string, n: number) =>
      Array.from({ length: n }, (_, index) => `${prefix}${index}`);
    await it.insert(
      ...names('old', 200).map((id) => subscribed(1, { account_id: id, subscription_id: id })),
      ...names('old', 9).map((id) =>
        subscriptionEnded(35, { account_id: id, subscription_id: id }),
      ),
      subscribed(40, { account_id: 'old0', subscription_id: 'back' }),
      ...names('new', 30).map((id) => subscribed(32, { account_id: id, subscription_id: id })),
      ...names('new', 4).map((id) =>
        subscriptionEnded(50, { account_id: id, subscription_id: id }),
      ),
    );
    expect(await it.read({ kpiId, asOf: 56 })).toEqual({
      '': {
        start: 200n,
        churned: 9n,
        net_lost: 8n,
        with_new_base: 230n,
        with_new_churned: 13n,
        start_mrr: 200_000n,
        churned_mrr: 9_000n,
        no_fx_rate: 0n,
      },
    });
  });

  test('holds its intervals half-open: a churn counts from the ms after it, until it leaves the window', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1' }),
      subscriptionEnded(30, { account_id: 'a1', subscription_id: 's1' }),
    );
    const at = async (asOf: number) => {
      const { start, churned, net_lost } = (await it.read({ kpiId, asOf }))[''] ?? {};
      return [start, churned, net_lost];
    };
    expect(await at(28 - MS)).toEqual([0n, 0n, 0n]);
    expect(await at(28)).toEqual([1n, 0n, 0n]);
    expect(await at(30)).toEqual([1n, 0n, 0n]);
    expect(await at(30 + MS)).toEqual([1n, 1n, 1n]);
    expect(await at(58 - MS)).toEqual([1n, 1n, 1n]);
    expect(await it.read({ kpiId, asOf: 58 })).toEqual({});
  });

  test('counts one of two cancelled subscriptions as no churn, and a pause within its limit neither', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1' }),
      subscribed(0, { account_id: 'a1', subscription_id: 's2' }),
      subscriptionEnded(30, { account_id: 'a1', subscription_id: 's1' }),
      subscribed(0, { account_id: 'a2', subscription_id: 's3' }),
      subscriptionUpdated(30, { account_id: 'a2', subscription_id: 's3', mrr_minor: 0 }),
      subscriptionUpdated(35, { account_id: 'a2', subscription_id: 's3', mrr_minor: 10 }),
    );
    expect(await it.read({ kpiId, asOf: 40 })).toMatchObject({
      '': { start: 2n, churned: 1n, net_lost: 0n },
    });
    const definitions = { ...DEFAULT_DEFINITIONS, churn: { pauseLimitMs: days(5) } };
    expect(await it.read({ kpiId, asOf: 40, definitions })).toMatchObject({
      '': { start: 2n, churned: 0n, net_lost: 0n },
    });
  });

  test('takes the plan of the subscription open for longest', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's9', plan_id: 'pro' }),
      subscribed(1, { account_id: 'a1', subscription_id: 's1', plan_id: 'add-on' }),
      subscriptionEnded(40, { account_id: 'a1', subscription_id: 's9' }),
      subscribed(0, { account_id: 'a2', subscription_id: 't2', plan_id: 'team' }),
      subscribed(0, { account_id: 'a2', subscription_id: 't1', plan_id: 'free' }),
    );
    expect(Object.keys(await it.read({ kpiId, asOf: 60, by: ['plan'] }))).toEqual(['free', 'pro']);
    expect(Object.keys(await it.read({ kpiId, asOf: 69, by: ['plan'] }))).toEqual([
      'add-on',
      'free',
    ]);
  });

  test('converts the MRR of each currency once, at the rate of the window start', async () => {
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1', currency: 'USD', mrr_minor: 5 }),
      subscribed(0, { account_id: 'a2', subscription_id: 's2', currency: 'JPY', mrr_minor: 161 }),
      subscribed(0, { account_id: 'a3', subscription_id: 's3', currency: 'KWD', mrr_minor: 1_000 }),
      subscribed(0, { account_id: 'a4', subscription_id: 's4', currency: 'CHF' }),
      ratePublished(90, { base: 'USD', quote: 'EUR', rate: '0.5', date: '2026-01-29' }),
      ratePublished(91, { base: 'USD', quote: 'EUR', rate: '9', date: '2026-01-30' }),
      ratePublished(92, { base: 'EUR', quote: 'JPY', rate: '161', date: '2026-01-01' }),
      ratePublished(93, { base: 'KWD', quote: 'EUR', rate: '3', date: '2026-01-01' }),
    );
    // 5 US cents at 0.5 are 2.5 cents: 2, half to even. 161 yen are one euro. 1,000 fils are 3 euros.
    expect(await it.read({ kpiId, asOf: 56 })).toMatchObject({
      '': { start: 4n, start_mrr: 402n, no_fx_rate: 1n },
    });
  });
});

describe('csat_score', () => {
  const kpiId = 'csat_score';
  const five = { scale_min: 1, scale_max: 5 };

  test('counts the worked example of KPI_SPEC 2.6', async () => {
    await it.insert(
      ...[5, 4, 4, 3, 2].map((score) =>
        answered(1, { user_id: `u${Math.random()}`, score, ...five }),
      ),
      answered(1, { user_id: 'u6', score: 6, scale_min: 1, scale_max: 7 }),
      answered(1, { user_id: 'u7', score: 1, scale_min: 0, scale_max: 1 }),
    );
    expect(await it.read({ kpiId, asOf: 2 })).toEqual({ '': { responses: 7n, satisfied: 5n } });
  });

  test('validates, then takes the latest, then the window', async () => {
    await it.insert(
      answered(1, { user_id: 'u1', score: 5, ...five }),
      answered(2, { user_id: 'u1', score: 1, ...five }),
      answered(3, { user_id: 'u1', score: 6, ...five }),
      answered(3, { user_id: 'u1', score: 4, scale_min: 1, scale_max: 4 }),
      answered(3, { user_id: 'u1', score: 10, scale_min: 0, scale_max: 10, kind: 'nps' }),
      answered(2, { account_id: 'a1', score: 2, direction: 'lower_is_better', ...five }),
    );
    expect(await it.read({ kpiId, asOf: 2 })).toEqual({ '': { responses: 1n, satisfied: 1n } });
    expect(await it.read({ kpiId, asOf: 4 })).toEqual({ '': { responses: 2n, satisfied: 1n } });
    expect(await it.read({ kpiId, asOf: 30 })).toEqual({ '': { responses: 2n, satisfied: 1n } });
    expect(await it.read({ kpiId, asOf: 30 + MS })).toEqual({});
  });

  test('keeps contexts apart, and one answer per instance outside general', async () => {
    const ticket = { user_id: 'u1', context: 'ticket', ...five };
    await it.insert(
      answered(1, { ...ticket, instance_id: 't1', score: 5 }),
      answered(2, { ...ticket, instance_id: 't1', score: 1 }),
      answered(2, { ...ticket, instance_id: 't2', score: 4, survey_id: 'other' }),
      answered(1, { user_id: 'u1', score: 5, ...five }),
    );
    const filter = { context: ['ticket', 'general'] };
    expect(await it.read({ kpiId, asOf: 3, by: ['context', 'survey'], filter })).toEqual({
      'general|satisfaction': { responses: 1n, satisfied: 1n },
      'ticket|other': { responses: 1n, satisfied: 1n },
      'ticket|satisfaction': { responses: 1n, satisfied: 0n },
    });
    expect(await it.read({ kpiId, asOf: 3, by: ['context'] })).toEqual({
      general: { responses: 1n, satisfied: 1n },
      ticket: { responses: 2n, satisfied: 1n },
    });
    expect(await it.read({ kpiId, asOf: 3, by: ['survey'] })).toEqual({
      satisfaction: { responses: 1n, satisfied: 1n },
    });
  });
});

describe('sales_growth_rate', () => {
  const kpiId = 'sales_growth_rate';

  test('counts the worked example of KPI_SPEC 2.5', async () => {
    await it.insert(
      invoicePaid(10, { account_id: 'a1', amount_net_minor: 10_000_000 }),
      invoicePaid(30, { account_id: 'a1', amount_net_minor: 12_500_000 }),
      refundIssued(31, { account_id: 'a2', amount_minor: 500_000 }),
      invoicePaid(30 - 364, { account_id: 'a3', amount_net_minor: 77 }),
    );
    expect(await it.read({ kpiId, asOf: 56 })).toEqual({
      '': {
        current: 12_000_000n,
        previous: 10_000_000n,
        previous_yoy: 77n,
        current_event_rates: 12_000_000n,
        previous_event_rates: 10_000_000n,
        previous_yoy_event_rates: 77n,
        accounts: 2n,
        no_fx_rate: 0n,
        no_fx_rate_yoy: 0n,
        no_fx_rate_event_rates: 0n,
        no_fx_rate_yoy_event_rates: 0n,
      },
    });
  });

  test('rounds one sum per currency, and per day at event rates', async () => {
    await it.insert(
      invoicePaid(30, { account_id: 'a1', amount_net_minor: 1, currency: 'USD' }),
      invoicePaid(30.5, { account_id: 'a1', amount_net_minor: 2, currency: 'USD' }),
      invoicePaid(31, { account_id: 'a1', amount_net_minor: 1, currency: 'USD' }),
      invoicePaid(31, { account_id: 'a1', amount_net_minor: 9, currency: 'CHF' }),
      invoicePaid(2, { account_id: 'a1', amount_net_minor: 9, currency: 'CHF' }),
      ratePublished(0, { base: 'USD', quote: 'EUR', rate: '0.5', date: '2026-01-01' }),
      ratePublished(0, { base: 'USD', quote: 'EUR', rate: '0.7', date: '2026-02-25' }),
      ratePublished(1, { base: 'USD', quote: 'EUR', rate: '0.8', date: '2026-02-25' }),
    );
    // 4 cents at 0.8 are 3.2; 3 cents at 0.5 are 1.5, so 2; 1 cent at 0.5 is 0.5, so 0.
    expect(await it.read({ kpiId, asOf: 56 })).toMatchObject({
      '': { current: 3n, current_event_rates: 2n, no_fx_rate: 2n, no_fx_rate_yoy: 1n },
    });
    expect(await it.read({ kpiId, asOf: 55 })).toMatchObject({ '': { current: 2n } });
  });

  test('dates a refund back to what it takes back, where it is defined so, from when on it is known', async () => {
    await it.insert(
      invoicePaid(30, { account_id: 'a1', invoice_id: 'i', amount_net_minor: 100 }),
      refundIssued(60, { account_id: 'a1', invoice_id: 'i', amount_minor: 30 }),
      refundIssued(60, { account_id: 'a1', invoice_id: 'unknown', amount_minor: 5 }),
    );
    const definitions = { ...DEFAULT_DEFINITIONS, refundAttribution: 'original' as const };
    const at = async (asOf: number) => (await it.read({ kpiId, asOf, definitions }))[''];
    expect(await at(57)).toMatchObject({ current: 100n, accounts: 1n });
    expect(await at(60)).toMatchObject({ current: 0n, previous: 100n });
    expect(await at(61)).toMatchObject({ current: -5n, previous: 70n, accounts: 1n });
    expect((await it.read({ kpiId, asOf: 61 }))['']).toMatchObject({
      current: -35n,
      previous: 100n,
    });
  });

  test('replaces an invoice that is sent again, from then on', async () => {
    await it.insert(
      invoicePaid(30, { account_id: 'a1', invoice_id: 'i', amount_net_minor: 100 }),
      invoicePaid(40, { account_id: 'a1', invoice_id: 'i', amount_net_minor: 70 }),
    );
    expect(await it.read({ kpiId, asOf: 40 })).toMatchObject({ '': { current: 100n } });
    expect(await it.read({ kpiId, asOf: 41 })).toMatchObject({ '': { current: 70n } });
  });

  test('splits by the plan at the sale', async () => {
    await it.insert(
      invoicePaid(30, { account_id: 'a1', amount_net_minor: 1 }),
      subscribed(30.5, { account_id: 'a1', subscription_id: 's1', plan_id: 'team' }),
      invoicePaid(30.5, { account_id: 'a1', amount_net_minor: 2 }),
    );
    expect(await it.read({ kpiId, asOf: 56, by: ['plan'] })).toMatchObject({
      '(none)': { current: 1n, accounts: 1n },
      team: { current: 2n, accounts: 1n },
    });
  });
});

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
