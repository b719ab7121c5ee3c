import { type EventOf, type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'expansion_conversion_rate';

/** Onboarded, with one subscription of 100.00 to the product `app`. */
function customer(asOf: number, id: string): readonly KpiEvent[] {
  const of = { account_id: id, occurred_at: asOf - days(100) };
  return [
    event('billing.subscription_started', {
      ...of,
      event_id: `${id}-started`,
      subscription_id: `${id}-app`,
    }),
    event('onboarding.completed', { ...of, event_id: `${id}-onboarded` }),
  ];
}

type Update = Partial<EventOf<'billing.subscription_updated'>> & {
  readonly account: string;
  readonly daysAgo: number;
};

function updated(asOf: number, { account, daysAgo, ...fields }: Update): KpiEvent {
  return event('billing.subscription_updated', {
    event_id: `${account}-updated-${daysAgo}`,
    occurred_at: asOf - days(daysAgo),
    account_id: account,
    subscription_id: `${account}-app`,
    mrr_minor: 150_00,
    change_reason: 'seats',
    ...fields,
  });
}

function bought(asOf: number, account: string, daysAgo: number): KpiEvent {
  return event('billing.subscription_started', {
    event_id: `${account}-addon`,
    occurred_at: asOf - days(daysAgo),
    account_id: account,
    subscription_id: `${account}-addon`,
    product_id: 'addon',
  });
}

/** KPI_SPEC 2.16: of 40, five upsell (one of them twice), three cross-sell, one does both: seven. */
export function expansionExample(asOf: number): Example {
  const ids = Array.from({ length: 40 }, (_, index) => `a${index}`);
  return {
    title: 'expansion: 7 of 40',
    asOf,
    events: [
      ...ids.flatMap((id) => customer(asOf, id)),
      ...['a0', 'a1', 'a2', 'a3', 'a4'].map((account) => updated(asOf, { account, daysAgo: 20 })),
      updated(asOf, { account: 'a4', daysAgo: 3, mrr_minor: 170_00 }),
      ...['a0', 'a5', 'a6'].map((account) => bought(asOf, account, 10)),
      // Not onboarded.
      event('billing.subscription_started', {
        event_id: 'new-started',
        occurred_at: asOf - days(100),
        account_id: 'new',
        subscription_id: 'new-app',
      }),
      updated(asOf, { account: 'new', daysAgo: 5 }),
    ],
    questions: [
      question(KPI, {
        title: 'seven of forty',
        groups: { [ALL]: { onboarded: 40, expanded: 7, upsold: 5, cross_sold: 3 } },
        values: { '': 0.175, upsell: 0.125, cross_sell: 0.075 },
        intervals: { '': ['0.0875', '0.3195'] },
      }),
    ],
  };
}

/**
 * What is reversed or refunded within two weeks never was; later it counts. Indexation, an expired discount, a trial that becomes
 * paid, more in place of as much lost: none is an expansion. A switch to another product is a cross-sell.
 */
export function expansionRulesExample(asOf: number): Example {
  const ids = ['reversed', 'later', 'refunded', 'partly', 'dearer', 'cheaper', 'trial', 'switch'];
  const paid = (account: string, refundedDaysAgo: number, amount: number): readonly KpiEvent[] => [
    event('billing.invoice_paid', {
      event_id: `${account}-paid`,
      occurred_at: asOf - days(24),
      account_id: account,
      invoice_id: account,
      amount_net_minor: 50_00,
    }),
    event('billing.refund_issued', {
      event_id: `${account}-refund`,
      occurred_at: asOf - days(refundedDaysAgo),
      account_id: account,
      invoice_id: account,
      amount_minor: amount,
    }),
  ];
  return {
    title: 'expansion: what is none',
    asOf,
    events: [
      ...ids.flatMap((id) => customer(asOf, id)),
      updated(asOf, { account: 'reversed', daysAgo: 25 }),
      updated(asOf, { account: 'reversed', daysAgo: 12, mrr_minor: 100_00 }),
      updated(asOf, { account: 'later', daysAgo: 25 }),
      updated(asOf, { account: 'later', daysAgo: 10, mrr_minor: 110_00 }),
      updated(asOf, { account: 'refunded', daysAgo: 25 }),
      ...paid('refunded', 12, 50_00),
      updated(asOf, { account: 'partly', daysAgo: 25 }),
      ...paid('partly', 12, 49_99),
      updated(asOf, { account: 'dearer', daysAgo: 9, change_reason: 'price_indexation' }),
      // Twice as dear for two days, then as before: past the window's start nothing is left of it.
      updated(asOf, { account: 'cheaper', daysAgo: 30, mrr_minor: 200_00 }),
      updated(asOf, { account: 'cheaper', daysAgo: 20, mrr_minor: 90_00 }),
      updated(asOf, { account: 'cheaper', daysAgo: 5, mrr_minor: 200_00 }),
      event('billing.subscription_started', {
        event_id: 'trial-addon',
        occurred_at: asOf - days(30),
        account_id: 'trial',
        subscription_id: 'trial-addon',
        product_id: 'addon',
        mrr_minor: 0,
      }),
      updated(asOf, {
        account: 'trial',
        daysAgo: 16,
        subscription_id: 'trial-addon',
        product_id: 'addon',
        change_reason: null,
      }),
      updated(asOf, { account: 'switch', daysAgo: 8, product_id: 'suite', change_reason: 'plan' }),
    ],
    questions: [
      question(KPI, {
        title: 'one of another product, one a little refunded, one reduced later',
        groups: { [ALL]: { onboarded: 8, expanded: 3, upsold: 2, cross_sold: 1 } },
        values: { '': 3 / 8 },
      }),
    ],
  };
}
