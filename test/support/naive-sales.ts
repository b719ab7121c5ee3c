import { type EventOf, days } from '@kpi/core';

import { movementsOf } from './naive-lifetime.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { utcDate } from './naive-money.ts';

type Movement = EventOf<'billing.invoice_paid' | 'billing.refund_issued' | 'billing.dispute_lost'>;

/** KPI_SPEC 2.5, 7.5, 7.7.10: three windows, each in constant currency and at the rates of the sales' days. */
export function salesAt(moment: Moment): readonly Part[] {
  return movementsOf(moment)
    .filter((event) => !moment.isInternal(event.account_id))
    .flatMap((event) => movementParts(event, moment));
}

function movementParts(event: Movement, moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  const at = event.occurred_at;
  const plan = moment.accounts.get(event.account_id ?? '')?.plan(at) ?? '(none)';
  const dimensions = { plan };
  const { currency } = event;
  const money =
    event.event_type === 'billing.invoice_paid' ? event.amount_net_minor : -event.amount_minor;
  const ends = { current: t, previous: t - windowMs, previous_yoy: t - days(364) };
  const inside = Object.entries(ends).flatMap(([name, end]) =>
    end - windowMs <= at && at < end ? [name] : [],
  );
  const pair = { from: currency, to: moment.definitions.reportingCurrency };
  const hasRate = moment.rates.convert(1n, pair, utcDate(t - 1)) !== undefined;
  return inside.flatMap((component): readonly Part[] => [
    { component, dimensions, money, currency, date: utcDate(t - 1) },
    { component: `${component}_event_rates`, dimensions, money, currency, date: utcDate(at) },
    ...(component === 'current'
      ? [{ component: 'accounts', dimensions, distinct: event.account_id ?? '' }]
      : []),
    ...(component !== 'previous_yoy' && !hasRate
      ? [{ component: 'no_fx_rate', dimensions, amount: 1 }]
      : []),
  ]);
}
