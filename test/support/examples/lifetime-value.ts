import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'clv_formula';
const WINDOW_MS = days(182);
const PURCHASES = 12;

/** A customer from before the window who buys some times in it, for 50.00 each. */
function customer(asOf: number, id: string, purchases = PURCHASES): readonly KpiEvent[] {
  return [
    event('billing.subscription_started', {
      event_id: `${id}-started`,
      occurred_at: asOf - days(300),
      account_id: id,
      subscription_id: id,
    }),
    ...Array.from({ length: purchases }, (_, index) =>
      event('billing.invoice_paid', {
        event_id: `${id}-invoice-${index}`,
        occurred_at: asOf - days(100) - days(index),
        account_id: id,
        invoice_id: `${id}-${index}`,
        amount_net_minor: 50_00,
      }),
    ),
  ];
}

function ended(asOf: number, id: string): KpiEvent {
  return event('billing.subscription_ended', {
    event_id: `${id}-ended`,
    occurred_at: asOf - days(20),
    account_id: id,
    subscription_id: id,
  });
}

/**
 * KPI_SPEC 2.8: 50 a purchase, 12 purchases an account and a churn rate of 0.20 in the same period, margin 0.30: 900, and
 * 3,000 before margin. The margin of last year and the sale of before the window do not count.
 */
export function lifetimeValueExample(asOf: number): Example {
  const ids = Array.from({ length: 25 }, (_, index) => `a${index}`);
  return {
    title: 'lifetime value: 900',
    asOf,
    events: [
      ...ids.flatMap((id) => customer(asOf, id)),
      ...ids.slice(0, 5).map((id) => ended(asOf, id)),
      event('billing.invoice_paid', {
        event_id: 'old',
        occurred_at: asOf - WINDOW_MS - 1,
        account_id: 'a7',
        invoice_id: 'old',
        amount_net_minor: 7_000_00,
      }),
      event('margin.set', {
        event_id: 'margin-1',
        occurred_at: asOf - days(400),
        margin: '0.5',
        valid_from: asOf - days(400),
      }),
      event('margin.set', {
        event_id: 'margin-2',
        occurred_at: asOf - days(9),
        margin: '0.3',
        valid_from: asOf - days(10),
      }),
    ],
    questions: [
      question(KPI, {
        title: 'all parts of one window',
        windowMs: WINDOW_MS,
        groups: {
          [ALL]: {
            sales: 15_000_00,
            purchases: 300,
            active_accounts: 25,
            start: 25,
            churned: 5,
            margin: 3_000_000_000,
          },
        },
        values: { '': 900, revenue: 3_000 },
      }),
    ],
  };
}

/** KPI_SPEC 2.8: one purchase an account and a churn rate of 0.02, both of the same period: 750. */
export function rareLifetimeValueExample(asOf: number): Example {
  const ids = Array.from({ length: 50 }, (_, index) => `a${index}`);
  return {
    title: 'lifetime value: 750',
    asOf,
    events: [
      ...ids.flatMap((id) => customer(asOf, id, 1)),
      ended(asOf, 'a0'),
      event('margin.set', {
        event_id: 'margin',
        occurred_at: asOf - days(400),
        margin: '0.3',
        valid_from: asOf - days(400),
      }),
    ],
    questions: [
      question(KPI, {
        title: 'once a period',
        windowMs: WINDOW_MS,
        groups: {
          [ALL]: {
            sales: 2_500_00,
            purchases: 50,
            active_accounts: 50,
            start: 50,
            churned: 1,
            margin: 3_000_000_000,
          },
        },
        values: { '': 750, revenue: 2_500 },
      }),
    ],
  };
}
