import {
  type Kpi,
  type MeasureSum,
  type ReduceOptions,
  defineKpi,
  sumByMeasure,
} from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, NO_VALUE } from '../kpi.ts';
import { counting } from '../measure.ts';
import { convert } from '../rates.ts';
import { inWindow, subtract } from '../span.ts';

/** Spend of the window before the lag, of the channels that are left; each day of recording at its own rate. */
function reduce(sums: readonly MeasureSum[], options: ReduceOptions): Components {
  const { rates, spend, definitions, asOf, windowMs, isSelected } = options;
  const to = asOf - definitions.acquisition.lagMs;
  const counts = sumByMeasure(['new_accounts', 'spend_records'], sums);
  // Where nothing counts there is no line of an answer, whatever was spent elsewhere.
  if (Object.values(counts).every((count) => count === 0n))
    return { spend: 0n, ...counts, no_fx_rate: 0n };
  let spent = 0n;
  let unpriced = 0n;
  const span = { from: to - windowMs, to };
  const isCounted = (channel: string): boolean => isSelected('channel', channel);
  for (const { currency, day, sum } of spend.within(span, isCounted)) {
    const factor = rates.factor(currency, definitions.reportingCurrency, day);
    if (factor !== undefined) spent += convert(sum, factor);
    else if (sum !== 0n) unpriced += 1n;
  }
  return { spend: spent, ...counts, no_fx_rate: unpriced };
}

/** What a new customer costs: spend over the accounts that became customers. */
export const customerAcquisitionCost: Kpi = defineKpi({
  id: 'customer_acquisition_cost',
  version: 1,
  title: 'Customer acquisition cost (CAC)',
  description:
    'Marketing and sales spend in [t - W - lag, t - lag), accrued evenly over its own period, per account that became a customer for the first time in [t - W, t). Who gets back all that was paid in the first 14 days is no customer won. Spend knows its channel, not a plan: by plan the whole spend stands against the accounts of each. Costs of channels do not add up.',
  formula:
    'spend accrued in [t - W - lag, t - lag) / accounts whose first paid time began in [t - W, t)',
  rules: [
    'An account that comes back is not new.',
    'Who gets back all that was paid in the first 14 days is no customer won, from that moment on.',
    "The same spend_id again replaces what was said before; each record's part is rounded half to even once.",
    'The channel of an account is its own, else that of the first lead before it became a customer.',
    'Without a new account there is no value, never an infinite one.',
  ],
  unit: 'money',
  dimensions: ['plan', 'channel'],
  hidden: ['currency'],
  windows: [days(28), days(91)],
  defaultWindowMs: days(91),
  lookBackMs: (windowMs, { acquisition }) => windowMs + acquisition.lagMs,
  events: ['marketing.spend_recorded', 'billing.subscription_started'],
  measures: {
    new_accounts: {
      unit: 'newcomer',
      kind: 'count',
      intervals: ({ customerSince, plan, channel, refunded }, { windowMs }) =>
        subtract(
          inWindow(customerSince, windowMs),
          // What happens at an instant is known a millisecond later.
          refunded.map(({ from, to }) => ({ from: from + 1, to: to + 1 })),
        ).flatMap((span) => counting(span, { plan, channel, currency: '' })),
    },
    // Makes a group of a channel that wins nobody.
    spend_records: {
      unit: 'spend',
      kind: 'count',
      intervals: ({ from, to, channel }, { windowMs, definitions }) => {
        const { lagMs } = definitions.acquisition;
        const span = { from: from + lagMs + 1, to: to + lagMs + windowMs };
        return counting(span, { plan: NO_VALUE, channel, currency: '' });
      },
    },
  },
  components: ['spend', 'new_accounts', 'spend_records', 'no_fx_rate'],
  reduce,
  variants: [
    {
      name: '',
      title: 'Spend per new customer',
      numerator: (components) => components['spend'] ?? 0n,
      denominator: (components) => components['new_accounts'] ?? 0n,
      n: (components) => components['new_accounts'] ?? 0n,
      interval: 'none',
      bounds: { low: null, high: null },
    },
  ],
  excluded: ['no_fx_rate'],
  suspectWhen: ['no_fx_rate'],
});
