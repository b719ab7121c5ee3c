import { type Kpi, defineKpi, sumByMeasure } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, type KpiVariant } from '../kpi.ts';
import { ofCustomer, ofSalesUntilAge } from '../lifetime.ts';
import { MARGIN_SCALE } from '../margins.ts';
import { withPricedSales } from '../priced-sales.ts';

function of(components: Components, name: string): bigint {
  return components[name] ?? 0n;
}

interface Margin {
  readonly parts: bigint;
  /** 0 where there is none. */
  readonly whole: bigint;
}

function observed(
  name: string,
  title: string,
  marginOf: (components: Components) => Margin,
): KpiVariant {
  return {
    name,
    title,
    numerator: (components) => of(components, 'sales') * marginOf(components).parts,
    denominator: (components) => of(components, 'accounts') * marginOf(components).whole,
    published: {
      numerator: (components) => {
        const { parts, whole } = marginOf(components);
        return whole === 0n ? null : Number(of(components, 'sales') * parts) / Number(whole);
      },
      denominator: (components) => Number(of(components, 'accounts')),
    },
    n: (components) => of(components, 'accounts'),
    interval: 'none',
    bounds: { low: null, high: null },
  };
}

/** Customer lifetime value as it was observed: what accounts brought until an age. */
export const clvObserved: Kpi = defineKpi({
  id: 'clv_observed',
  version: 1,
  title: 'Customer lifetime value (observed)',
  description:
    'Mean gross profit that a customer has brought until an age in months (`age`, by default 6): net sales since it became one, times the margin in force at t, over all customers that reached the age in (t - W, t]. `revenue` leaves the margin out. Younger customers are on neither side, so the curve over ages never bends because of them. Served from history.',
  formula:
    'sales until the age / customers that reached the age in (t - W, t] x margin in force at t',
  rules: [
    'W says which customers: those that came to the age within it, a year by default; all there ever were are in a window that is long enough.',
    'Months are those of the calendar (UTC), clamped at their end: a month after 31 January is 28 or 29 February.',
    'A sale at the very age counts; one from before the account became a customer does not.',
    'Churned customers stay in and bring nothing more; who comes back goes on where the first stay began.',
    'Refunds and lost disputes are taken off at their own time; the value may be negative.',
    'The margin is that in force at t; without one only revenue has a value.',
  ],
  unit: 'money',
  dimensions: ['plan', 'cohort'],
  hidden: ['currency', 'day'],
  windows: [],
  historyWindows: [days(182), days(364)],
  defaultWindowMs: days(364),
  age: {
    of: (definitions) => definitions.observedAgeMonths,
    with: (definitions, observedAgeMonths) => ({ ...definitions, observedAgeMonths }),
  },
  lookBackMs: (windowMs) => windowMs,
  events: [
    'billing.invoice_paid',
    'billing.refund_issued',
    'billing.dispute_lost',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    sales: ofSalesUntilAge(({ amountMinor }) => amountMinor),
    accounts: ofCustomer(({ grown }) => grown),
    younger: ofCustomer(({ younger }) => younger),
  },
  components: ['sales', 'accounts', 'younger', 'margin', 'no_margin', 'no_fx_rate'],
  reduce: (sums, options) =>
    withPricedSales(sumByMeasure(['accounts', 'younger'], sums), sums, options),
  variants: [
    observed('', 'Gross profit', (components) => ({
      parts: of(components, 'margin'),
      whole: of(components, 'no_margin') > 0n ? 0n : MARGIN_SCALE,
    })),
    observed('revenue', 'Revenue', () => ({ parts: 1n, whole: 1n })),
  ],
  immature: 'younger',
  excluded: ['no_fx_rate'],
  suspectWhen: ['no_fx_rate'],
});
