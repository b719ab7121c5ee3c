import { type BillingInvoicePaid, type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'sales_growth_rate';

type Sale = Pick<BillingInvoicePaid, 'event_id' | 'amount_net_minor'> & Partial<BillingInvoicePaid>;

function sale(asOf: number, daysAgo: number, fields: Sale): KpiEvent {
  return event('billing.invoice_paid', {
    occurred_at: asOf - days(daysAgo),
    account_id: 'north',
    invoice_id: fields.event_id,
    ...fields,
  });
}

/** KPI_SPEC 2.5: 125,000 less 5,000 refunded against 100,000, and against 80,000 a year before. One invoice was corrected. */
export function salesGrowthExample(asOf: number): Example {
  return {
    title: 'sales growth: 20 %, year on year 50 %',
    asOf,
    events: [
      event('billing.subscription_started', {
        event_id: 'south-starts',
        occurred_at: asOf - days(500),
        account_id: 'south',
        plan_id: 'team',
      }),
      sale(asOf, 364 + 10, { event_id: 'last-year', amount_net_minor: 80_000_00 }),
      sale(asOf, 40, { event_id: 'before-1', amount_net_minor: 70_000_00 }),
      sale(asOf, 30, { event_id: 'before-2', amount_net_minor: 30_000_00, account_id: 'south' }),
      sale(asOf, 20, { event_id: 'now-1', amount_net_minor: 99_000_00 }),
      sale(asOf, 19, { event_id: 'now-1b', invoice_id: 'now-1', amount_net_minor: 100_000_00 }),
      sale(asOf, 10, { event_id: 'now-2', amount_net_minor: 25_000_00, account_id: 'south' }),
      event('billing.refund_issued', {
        event_id: 'refund',
        occurred_at: asOf - days(5),
        account_id: 'south',
        invoice_id: 'now-2',
        amount_minor: 3_000_00,
      }),
      event('billing.dispute_lost', {
        event_id: 'dispute',
        occurred_at: asOf - days(4),
        account_id: 'north',
        invoice_id: 'now-1',
        amount_minor: 2_000_00,
      }),
    ],
    questions: [
      question(KPI, {
        title: 'all sales',
        groups: {
          [ALL]: {
            current: 120_000_00,
            previous: 100_000_00,
            previous_yoy: 80_000_00,
            current_event_rates: 120_000_00,
            accounts: 2,
            no_fx_rate: 0,
          },
        },
        values: { '': 0.2, event_rates: 0.2, yoy: 0.5, yoy_event_rates: 0.5 },
      }),
      question(KPI, {
        title: 'by plan',
        by: ['plan'],
        groups: {
          '(none)': { current: 98_000_00, previous: 70_000_00, previous_yoy: 80_000_00 },
          team: { current: 22_000_00, previous: 30_000_00, previous_yoy: 0 },
        },
      }),
      question(KPI, {
        title: 'one plan',
        filter: { plan: ['team'] },
        groups: { [ALL]: { current: 22_000_00, previous: 30_000_00, accounts: 1 } },
        values: { '': -8 / 30, yoy: null },
      }),
    ],
  };
}

/**
 * Currencies: the dollar at the rate of the window's last day (constant currency) or of the day of the sale; pounds by the
 * inverse of a published pair; yen without any rate are left out and counted.
 */
export function salesCurrencyExample(asOf: number): Example {
  const rate = (name: string, daysAgo: number, pair: readonly [string, string, string]): KpiEvent =>
    event('fx.rate_published', {
      event_id: name,
      occurred_at: asOf - days(daysAgo),
      base: pair[0],
      quote: pair[1],
      rate: pair[2],
      date: new Date(asOf - days(daysAgo)).toISOString().slice(0, 10),
    });
  return {
    title: 'sales growth in several currencies',
    asOf,
    events: [
      rate('usd-1', 25, ['USD', 'EUR', '0.90']),
      rate('usd-2', 5, ['USD', 'EUR', '0.80']),
      rate('gbp', 25, ['EUR', 'GBP', '0.80']),
      sale(asOf, 40, { event_id: 'before', amount_net_minor: 500_00 }),
      sale(asOf, 20, { event_id: 'dollars', amount_net_minor: 1_000_00, currency: 'USD' }),
      sale(asOf, 10, { event_id: 'pounds', amount_net_minor: 100_00, currency: 'GBP' }),
      sale(asOf, 10, { event_id: 'yen', amount_net_minor: 9_000, currency: 'JPY' }),
    ],
    questions: [
      question(KPI, {
        title: 'in euros',
        groups: {
          [ALL]: {
            current: 925_00,
            current_event_rates: 1_025_00,
            previous: 500_00,
            accounts: 1,
            no_fx_rate: 1,
            no_fx_rate_yoy: 1,
            no_fx_rate_event_rates: 1,
          },
        },
        values: { '': 0.85, event_rates: 1.05 },
      }),
    ],
  };
}
