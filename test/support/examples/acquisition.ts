import { type EventOf, type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'customer_acquisition_cost';
const WINDOW_MS = days(91);

type Spend = Pick<EventOf<'marketing.spend_recorded'>, 'spend_id' | 'amount_minor'> &
  Partial<EventOf<'marketing.spend_recorded'>>;

function spend(asOf: number, fields: Spend): KpiEvent {
  return event('marketing.spend_recorded', {
    event_id: fields.spend_id,
    occurred_at: asOf - days(10),
    period_start: asOf - days(60),
    period_end: asOf - days(30),
    ...fields,
  });
}

function started(asOf: number, account: string, daysAgo: number): KpiEvent {
  return event('billing.subscription_started', {
    event_id: `${account}-started-${daysAgo}`,
    occurred_at: asOf - days(daysAgo),
    account_id: account,
    subscription_id: account,
  });
}

/** KPI_SPEC 2.2: 8,000 + 4,000 EUR and 1,000 USD at 0.90 for five new customers: 2,580.00. The sixth came back. */
export function acquisitionExample(asOf: number): Example {
  const rateDay = new Date(asOf - days(20)).toISOString().slice(0, 10);
  return {
    title: 'acquisition cost: 2,580.00',
    asOf,
    events: [
      spend(asOf, { spend_id: 'ads', amount_minor: 8_000_00 }),
      spend(asOf, { spend_id: 'team', amount_minor: 4_000_00, kind: 'sales', channel: 'sales' }),
      spend(asOf, { spend_id: 'fair', amount_minor: 1_000_00, currency: 'USD', channel: 'fairs' }),
      event('fx.rate_published', {
        event_id: 'usd',
        occurred_at: asOf - days(20),
        base: 'USD',
        quote: 'EUR',
        rate: '0.90',
        date: rateDay,
      }),
      ...['a0', 'a1', 'a2', 'a3', 'a4'].map((account) => started(asOf, account, 40)),
      started(asOf, 'back', 300),
      event('billing.subscription_ended', {
        event_id: 'back-ended',
        occurred_at: asOf - days(200),
        account_id: 'back',
        subscription_id: 'back',
      }),
      started(asOf, 'back', 12),
    ],
    questions: [
      question(KPI, {
        title: 'all spend over five new customers',
        windowMs: WINDOW_MS,
        groups: { [ALL]: { spend: 12_900_00, new_accounts: 5, spend_records: 3 } },
        values: { '': 2_580 },
      }),
    ],
  };
}

/**
 * Spend is clipped to the window, day by day; a record that is stated again replaces the first. The channel of an account is its
 * own, else that of the lead before it. Who gets back all within two weeks is no customer won.
 */
export function acquisitionRulesExample(asOf: number): Example {
  return {
    title: 'acquisition cost: clipped spend, channels, money back',
    asOf,
    events: [
      // 91 of 182 days lie in the window.
      spend(asOf, {
        spend_id: 'half',
        amount_minor: 1_000_00,
        period_start: asOf - 2 * WINDOW_MS,
        period_end: asOf,
      }),
      spend(asOf, { spend_id: 'twice', amount_minor: 9_999_00, channel: 'fairs' }),
      spend(asOf, {
        event_id: 'twice-again',
        spend_id: 'twice',
        amount_minor: 300_00,
        channel: 'fairs',
        occurred_at: asOf - days(9),
      }),
      spend(asOf, {
        spend_id: 'radio',
        amount_minor: 70_00,
        channel: 'radio',
        currency: 'USD',
      }),
      started(asOf, 'known', 40),
      event('account.created', {
        event_id: 'known-created',
        occurred_at: asOf - days(41),
        account_id: 'known',
        source_channel: 'ads',
      }),
      started(asOf, 'led', 30),
      event('crm.lead_created', {
        event_id: 'led-lead',
        occurred_at: asOf - days(50),
        account_id: 'led',
        channel: 'fairs',
      }),
      started(asOf, 'refunded', 25),
      event('billing.invoice_paid', {
        event_id: 'refunded-paid',
        occurred_at: asOf - days(24),
        account_id: 'refunded',
        invoice_id: 'refunded',
      }),
      event('billing.refund_issued', {
        event_id: 'refunded-back',
        occurred_at: asOf - days(15),
        account_id: 'refunded',
        invoice_id: 'refunded',
      }),
    ],
    questions: [
      question(KPI, {
        title: 'in all; what has no rate is left out',
        windowMs: WINDOW_MS,
        groups: { [ALL]: { spend: 800_00, new_accounts: 2, spend_records: 3, no_fx_rate: 1 } },
        values: { '': 400 },
      }),
      question(KPI, {
        title: 'by channel',
        windowMs: WINDOW_MS,
        by: ['channel'],
        groups: {
          ads: { spend: 500_00, new_accounts: 1 },
          fairs: { spend: 300_00, new_accounts: 1 },
          radio: { spend: 0, new_accounts: 0, spend_records: 1, no_fx_rate: 1 },
        },
      }),
    ],
  };
}
