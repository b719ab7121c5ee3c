import { type EventOf, type KpiEvent } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';

/** Invoices above 0, as last known, that were paid within a stretch, and whether refunds within it have reached them. */
export function paidWithin(
  events: readonly KpiEvent[],
  stretch: { readonly from: number; readonly to: number },
): readonly { readonly isRefunded: boolean }[] {
  const isWithin = ({ occurred_at: at }: KpiEvent): boolean =>
    stretch.from <= at && at < stretch.to;
  const refunds = ofTypes(events, ['billing.refund_issued']).filter(isWithin);
  return lastOfEach(ofTypes(events, ['billing.invoice_paid']), nameOf)
    .filter((invoice) => isWithin(invoice) && invoice.amount_net_minor > 0)
    .map((invoice) => {
      const back = refunds.filter((refund) => nameOf(refund) === nameOf(invoice));
      const sum = back.reduce((total, { amount_minor: amount }) => total + amount, 0);
      return { isRefunded: sum >= invoice.amount_net_minor };
    });
}

function nameOf(event: EventOf<'billing.invoice_paid' | 'billing.refund_issued'>): string {
  return JSON.stringify([event.source, event.invoice_id]);
}
