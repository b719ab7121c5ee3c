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
  const [own, last] = [utcDate(at), utcDate(t - 1)];
  return inside.flatMap((component): readonly Part[] => [
    { component, dimensions, money, currency, date: last },
    { component: `${component}_event_rates`, dimensions, money, currency, date: own },
    ...(component === 'current'
      ? [{ component: 'accounts', dimensions, distinct: event.account_id ?? '' }]
      : []),
    ...VARIANTS.filter(({ windows }) => windows.includes(component)).map(({ name, isByDay }) => ({
      component: name,
      dimensions,
      unpriced: money,
      currency,
      date: isByDay ? own : last,
      lot: `${component} ${own}`,
    })),
  ]);
}

/** Windows that each variant compares, at the rates of which days. */
const VARIANTS: readonly {
  readonly name: string;
  readonly windows: readonly string[];
  readonly isByDay: boolean;
}[] = [
  { name: 'no_fx_rate', windows: ['current', 'previous'], isByDay: false },
  { name: 'no_fx_rate_yoy', windows: ['current', 'previous_yoy'], isByDay: false },
  { name: 'no_fx_rate_event_rates', windows: ['current', 'previous'], isByDay: true },
  { name: 'no_fx_rate_yoy_event_rates', windows: ['current', 'previous_yoy'], isByDay: true },
];
