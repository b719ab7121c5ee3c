import { type AccountState } from '../account.ts';
import { type Kpi, defineKpi, sumByMeasure } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, type CountingInterval, type KpiVariant } from '../kpi.ts';
import { MARGIN_SCALE } from '../margins.ts';
import { type Measure, counting } from '../measure.ts';
import { withPricedSales } from '../priced-sales.ts';
import { utcDay } from '../rates.ts';
import { ALWAYS, type Span, intersect, inWindow, spansWithin, union } from '../span.ts';
import { atStart, churnedSince, startParts } from '../start-set.ts';
import { type Sale } from '../sales.ts';

/** Counts during the spans, with the plan that the account has at t - W. */
function byPlanAtStart(
  state: AccountState,
  windowMs: number,
  counted: { span: Span; weight?: number; hidden?: { currency: string; day: string } },
): readonly CountingInterval[] {
  const { span, weight = 1, hidden = { currency: '', day: '' } } = counted;
  const start = { from: span.from - windowMs, to: span.to - windowMs };
  return spansWithin(state.pieces, start).flatMap((piece) =>
    counting(intersect(span, atStart(piece, windowMs)), { plan: piece.plan, ...hidden }, weight),
  );
}

/** Sums a weight of every sale of the window. */
function ofSales(weightOf: (sale: Sale) => number, isByDay: boolean): Measure {
  return {
    unit: 'buyer',
    kind: 'count',
    intervals: ({ state, sales }, { windowMs }) =>
      sales.flatMap((sale) => {
        const span = intersect(sale.known, inWindow(sale.at, windowMs));
        const hidden = isByDay
          ? { currency: sale.currency, day: String(utcDay(sale.at)) }
          : undefined;
        const counted = { span, weight: weightOf(sale) };
        return byPlanAtStart(
          state,
          windowMs,
          hidden === undefined ? counted : { ...counted, hidden },
        );
      }),
  };
}

/** Accounts that were active at any time in the window. */
const activeAccounts: Measure = {
  unit: 'buyer',
  kind: 'count',
  intervals: ({ state }, { windowMs }) =>
    union(state.active.map(({ from, to }) => ({ from: from + 1, to: to + windowMs }))).flatMap(
      (span) => byPlanAtStart(state, windowMs, { span }),
    ),
};

function ofStart(condition: (state: AccountState) => (active: Span) => readonly Span[]): Measure {
  return {
    unit: 'buyer',
    kind: 'count',
    intervals: ({ state }, { windowMs }) =>
      startParts(state, windowMs, condition).flatMap(({ at, piece }) =>
        counting(at, { plan: piece.plan, currency: '', day: '' }),
      ),
  };
}

function of(components: Components, name: string): bigint {
  return components[name] ?? 0n;
}

/** Purchase value times purchases per account is sales per account, if anything was bought at all. */
function perAccount(components: Components): bigint {
  return of(components, 'purchases') > 0n ? of(components, 'active_accounts') : 0n;
}

function lifetimeValue(
  name: string,
  title: string,
  marginOf: (components: Components) => { readonly parts: bigint; readonly whole: bigint },
): KpiVariant {
  return {
    name,
    title,
    numerator: (components) =>
      of(components, 'sales') * of(components, 'start') * marginOf(components).parts,
    denominator: (components) =>
      perAccount(components) * of(components, 'churned') * marginOf(components).whole,
    published: {
      numerator: (components) => {
        const { parts, whole } = marginOf(components);
        return ratio(of(components, 'sales') * parts, perAccount(components) * whole);
      },
      denominator: (components) => ratio(of(components, 'churned'), of(components, 'start')),
    },
    n: (components) => of(components, 'active_accounts'),
    lowWhen: (components) =>
      of(components, 'churned') < CHURNS_MIN
        ? `${of(components, 'churned')} churned, fewer than ${CHURNS_MIN}`
        : undefined,
    interval: 'none',
    bounds: { low: null, high: null },
  };
}

/** A churn rate of fewer says little (KPI_SPEC 2.8). */
const CHURNS_MIN = 5n;

function ratio(a: bigint, b: bigint): number | null {
  return b === 0n ? null : Number(a) / Number(b);
}

/** Customer lifetime value by the formula: what an account pays per window, over the share that churns per window. */
export const clvFormula: Kpi = defineKpi({
  id: 'clv_formula',
  version: 1,
  title: 'Customer lifetime value (formula)',
  description:
    'Mean value of a purchase times purchases per active account in the window, over the gross churn rate of the same window, times the gross margin in force at t: gross profit per account, undiscounted. One window holds for all parts, so periods cannot be mixed. `revenue` leaves the margin out. Without a churn there is no value; with fewer than five it is low_n.',
  formula: '(sales / purchases) x (purchases / active accounts) / (churned / start) x margin',
  rules: [
    'All parts are of the same window and the same accounts, so a yearly frequency never meets a monthly churn.',
    'Churn is gross churn of accounts active at t - W, never the registered churn share.',
    'Nobody churned: no value, never an infinite one. Fewer than five: low_n.',
    'The margin is that in force at t; without one only revenue has a value.',
  ],
  unit: 'money',
  dimensions: ['plan'],
  hidden: ['currency', 'day'],
  windows: [days(182)],
  defaultWindowMs: days(182),
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
    sales: ofSales(({ amountMinor }) => amountMinor, true),
    purchases: ofSales(({ purchases }) => purchases, false),
    active_accounts: activeAccounts,
    start: ofStart(() => () => [ALWAYS]),
    churned: ofStart(churnedSince),
  },
  components: [
    'sales',
    'purchases',
    'active_accounts',
    'start',
    'churned',
    'margin',
    'no_margin',
    'no_fx_rate',
  ],
  reduce: (sums, options) =>
    withPricedSales(
      sumByMeasure(['purchases', 'active_accounts', 'start', 'churned'], sums),
      sums,
      options,
    ),
  variants: [
    lifetimeValue('', 'Gross profit', (components) => ({
      parts: of(components, 'margin'),
      // Without a margin there is no profit to tell.
      whole: of(components, 'no_margin') > 0n ? 0n : MARGIN_SCALE,
    })),
    lifetimeValue('revenue', 'Revenue', () => ({ parts: 1n, whole: 1n })),
  ],
  excluded: ['no_fx_rate'],
  suspectWhen: ['no_fx_rate'],
});
