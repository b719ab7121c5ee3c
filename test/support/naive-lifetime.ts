import { type EventOf } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { utcDate } from './naive-money.ts';

type Movement = EventOf<'billing.invoice_paid' | 'billing.refund_issued' | 'billing.dispute_lost'>;

/** KPI_SPEC 2.8, 7.4: all parts over the same window, each account with its plan at t - W; the margin in force at t. */
export function lifetimeAt(moment: Moment): readonly Part[] {
  const { windowMs } = moment;
  const counted = [...accountParts(moment), ...salesParts(moment)];
  const plans = new Set(counted.map(({ dimensions }) => dimensions['plan'] ?? ''));
  const ofPlans = [...plans].map((plan) => ({ ...marginOf(moment), dimensions: { plan } }));
  return windowMs > 0 ? [...counted, ...ofPlans] : [];
}

/** The margin in force at t, or that there is none: once for the whole of a group. */
export function marginOf({ t, timeless }: Moment): {
  readonly component: string;
  readonly once: bigint;
} {
  const margin = ofTypes(timeless, ['margin.set'])
    .filter((event) => event.valid_from <= t)
    .toSorted((a, b) => a.valid_from - b.valid_from)
    .at(-1)?.margin;
  return margin === undefined
    ? { component: 'no_margin', once: 1n }
    : { component: 'margin', once: BigInt(Math.round(Number(margin) * 1e10)) };
}

/** What was paid, as last stated, and what was paid back. */
export function movementsOf({ known, definitions }: Moment): readonly Movement[] {
  const nameOf = ({ source, invoice_id: id }: Movement): string => JSON.stringify([source, id]);
  const invoices = lastOfEach(ofTypes(known, ['billing.invoice_paid']), nameOf);
  const all = ofTypes(known, [
    'billing.invoice_paid',
    'billing.refund_issued',
    'billing.dispute_lost',
  ]);
  const reversals = all.flatMap((event, index) => {
    if (event.event_type === 'billing.invoice_paid') return [];
    if (definitions.refundAttribution === 'refund') return [event];
    const paid = all
      .slice(0, index)
      .findLast(
        (one) => one.event_type === 'billing.invoice_paid' && nameOf(one) === nameOf(event),
      );
    return [Object.assign({}, event, { occurred_at: (paid ?? event).occurred_at })];
  });
  return [...invoices, ...reversals];
}

/** A sale of a group, and what of its currency and day may have no rate. */
export function saleParts(event: Movement, dimensions: Part['dimensions']): readonly Part[] {
  const { currency } = event;
  const date = utcDate(event.occurred_at);
  const money =
    event.event_type === 'billing.invoice_paid' ? event.amount_net_minor : -event.amount_minor;
  return [
    { component: 'sales', dimensions, money, currency, date },
    { component: 'no_fx_rate', dimensions, unpriced: money, currency, date },
  ];
}

function accountParts({ t, windowMs, accounts }: Moment): readonly Part[] {
  const start = t - windowMs;
  return [...accounts.values()].flatMap((account): readonly Part[] => {
    const inWindow = account.instants.filter((at) => start <= at && at < t);
    const wasActive = account.isActive(start);
    const dimensions = { plan: account.plan(start) };
    const isCounted = wasActive || inWindow.some((at) => account.isActive(at));
    if (!isCounted) return [];
    const active: Part = { component: 'active_accounts', dimensions, amount: 1 };
    if (!wasActive) return [active];
    const hasChurned = inWindow.some((at) => account.churns(at));
    return [
      active,
      { component: 'start', dimensions, amount: 1 },
      { component: 'churned', dimensions, amount: Number(hasChurned) },
    ];
  });
}

function salesParts(moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  return movementsOf(moment)
    .filter((event) => !moment.isInternal(event.account_id) && t - windowMs <= event.occurred_at)
    .flatMap((event): readonly Part[] => {
      const plan = moment.accounts.get(event.account_id ?? '')?.plan(t - windowMs) ?? '(none)';
      const dimensions = { plan };
      const purchases = event.event_type === 'billing.invoice_paid' ? event.purchase_count : 0;
      return [
        ...saleParts(event, dimensions),
        { component: 'purchases', dimensions, amount: purchases },
      ];
    });
}
