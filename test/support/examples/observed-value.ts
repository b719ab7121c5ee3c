import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const WINDOW_MS = days(364);

interface Sale {
  readonly account: string;
  readonly at: number;
  readonly amount: number;
  readonly kind?: 'paid' | 'refunded';
}

function customer(account: string, since: number): KpiEvent {
  return event('billing.subscription_started', {
    event_id: `${account}-started`,
    occurred_at: since,
    account_id: account,
    subscription_id: account,
  });
}

function sale({ account, at, amount, kind = 'paid' }: Sale): KpiEvent {
  const said = {
    event_id: `${account}-${kind}-${at}`,
    occurred_at: at,
    account_id: account,
    invoice_id: `${account}-invoice-${amount}`,
  };
  return kind === 'paid'
    ? event('billing.invoice_paid', { ...said, amount_net_minor: amount * 100 })
    : event('billing.refund_issued', { ...said, amount_minor: amount * 100 });
}

/**
 * KPI_SPEC 2.9: of three customers of six months and more 600, 240, and 60 that were paid back: 280 a customer, 84 at a margin
 * of 0.30. A fourth is two months old. What came before or after the six months does not count.
 */
export function observedValueExample(asOf: number): Example {
  const since = asOf - days(300);
  const young = asOf - days(60);
  return {
    title: 'observed lifetime value: 84',
    asOf,
    events: [
      ...['large', 'small', 'refunded'].map((account) => customer(account, since)),
      customer('young', young),
      sale({ account: 'large', at: since, amount: 100 }),
      sale({ account: 'large', at: since + days(90), amount: 500 }),
      sale({ account: 'large', at: since - 1, amount: 9 }),
      sale({ account: 'large', at: since + days(190), amount: 70 }),
      sale({ account: 'small', at: since + days(20), amount: 240 }),
      sale({ account: 'refunded', at: since + days(30), amount: 60 }),
      sale({ account: 'refunded', at: since + days(40), amount: 60, kind: 'refunded' }),
      sale({ account: 'young', at: young + days(1), amount: 1_000 }),
      event('margin.set', {
        event_id: 'margin',
        occurred_at: since,
        margin: '0.3',
        valid_from: since,
      }),
    ],
    questions: [
      question('clv_observed', {
        title: 'three of four are old enough',
        windowMs: WINDOW_MS,
        groups: {
          [ALL]: { sales: 840_00, accounts: 3, younger: 1, margin: 3_000_000_000 },
        },
        values: { '': 84, revenue: 280 },
      }),
    ],
  };
}
