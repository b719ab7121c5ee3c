import { DEFAULT_DEFINITIONS, days } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import {
  answered,
  invoicePaid,
  ratePublished,
  refundIssued,
  subscribed,
  subscriptionEnded,
  subscriptionUpdated,
} from './test-events.ts';
import { testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

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
    const definitions = {
      ...DEFAULT_DEFINITIONS,
      churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: days(5) },
    };
    expect(await it.read({ kpiId, asOf: 40, definitions })).toMatchObject({
      '': { start: 2n, churned: 0n, net_lost: 0n },
    });
  });

  test('an account is lost with its last cancellation where the tenant says so', async () => {
    const updated = (day: number, cancelAt: number | null) =>
      subscriptionUpdated(day, {
        account_id: 'a1',
        subscription_id: 's1',
        mrr_minor: 10,
        cancel_at: cancelAt,
      });
    await it.insert(
      subscribed(0, { account_id: 'a1', subscription_id: 's1', cancel_at: days(90) }),
      updated(30, days(60)),
      subscribed(0, { account_id: 'a2', subscription_id: 's2' }),
    );
    const recognition = 'cancellation' as const;
    const definitions = { ...DEFAULT_DEFINITIONS, churn: { pauseLimitMs: days(50), recognition } };
    expect(await it.read({ kpiId, asOf: 40 })).toMatchObject({ '': { start: 2n, churned: 0n } });
    expect(await it.read({ kpiId, asOf: 40, definitions })).toMatchObject({
      '': { start: 2n, churned: 1n, net_lost: 1n },
    });
    await it.insert(updated(35, null));
    expect(await it.read({ kpiId, asOf: 40, definitions })).toMatchObject({
      '': { start: 2n, churned: 1n, net_lost: 0n },
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
