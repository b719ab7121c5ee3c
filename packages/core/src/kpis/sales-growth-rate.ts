import { type Kpi, type MeasureSum, type ReduceOptions, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, type KpiVariant } from '../kpi.ts';
import { type Measure, counting, whileKnown } from '../measure.ts';
import { convert, utcDay } from '../rates.ts';
import { inWindow, intersect } from '../span.ts';

/** 52 weeks: the same weekdays a year ago. */
const YEAR_MS = days(364);

/** Net sales in the window that ended `shift` before t; sums keep their currency and UTC day until they are read. */
function salesBefore(shift: (windowMs: number) => number): Measure {
  return {
    unit: 'sale',
    kind: 'count',
    intervals: (sale, { windowMs }) =>
      whileKnown(sale, inWindow(sale.at, windowMs, shift(windowMs)), {
        dimensions: { plan: sale.plan, currency: sale.currency, day: String(utcDay(sale.at)) },
        weight: sale.amountMinor,
      }),
  };
}

const AMOUNTS = ['current', 'previous', 'previous_yoy'] as const;

/** Money components in minor units of the reporting currency, at the rate of the window's last day and at the events' days. */
function reduce(sums: readonly MeasureSum[], options: ReduceOptions): Components {
  const { rates, definitions, asOf } = options;
  const toReporting = (currency: string, day: number, sum: bigint): bigint => {
    const factor = rates.factor(currency, definitions.reportingCurrency, day);
    return factor === undefined ? 0n : convert(sum, factor);
  };
  const components: Record<string, bigint> = {};
  const lastDay = utcDay(asOf - 1);
  for (const amount of AMOUNTS) {
    const mine = sums.filter((one) => one.measure === amount);
    const byCurrency = Map.groupBy(mine, (one) => one.hidden['currency'] ?? '');
    components[amount] = total(
      [...byCurrency].map(([currency, parts]) =>
        toReporting(currency, lastDay, total(parts.map((one) => one.sum))),
      ),
    );
    components[`${amount}_event_rates`] = total(
      mine.map((one) =>
        toReporting(one.hidden['currency'] ?? '', Number(one.hidden['day']), one.sum),
      ),
    );
  }
  components['accounts'] = total(
    sums.filter((one) => one.measure === 'accounts').map((one) => one.sum),
  );
  const unpriced = sums.filter(
    (one) =>
      one.measure === 'movements' &&
      rates.factor(one.hidden['currency'] ?? '', definitions.reportingCurrency, lastDay) ===
        undefined,
  );
  components['no_fx_rate'] = total(unpriced.map((one) => one.sum));
  return components;
}

function total(sums: readonly bigint[]): bigint {
  return sums.reduce((whole, sum) => whole + sum, 0n);
}

function growth(
  name: string,
  title: string,
  amounts: readonly [current: string, previous: string],
): KpiVariant {
  const [current, previous] = amounts;
  return {
    name,
    title,
    numerator: (components) => (components[current] ?? 0n) - (components[previous] ?? 0n),
    denominator: (components) => components[previous] ?? 0n,
    n: (components) => components['accounts'] ?? 0n,
    interval: 'none',
    bounds: { low: null, high: null },
  };
}

/** Net sales of the window against the window before it, or a year before. */
export const salesGrowthRate: Kpi = defineKpi({
  id: 'sales_growth_rate',
  version: 1,
  title: 'Sales growth rate',
  description:
    'Change of net sales (invoices paid less refunds and lost disputes, each at its own time unless defined otherwise) in [t - W, t) against [t - 2W, t - W), or for `yoy` against the same window 364 days earlier. In constant currency: all sums at the rate of the last day of the window.',
  formula:
    '(net sales in [t - W, t) - net sales in [t - 2W, t - W)) / net sales in [t - 2W, t - W)',
  rules: [
    'Net sales: invoices paid less refunds and lost disputes, each at its own time; or, where refund_attribution is original, at that of the payment that is taken back.',
    'Constant currency: one sum per currency and window at the rate of the last day; event_rates: each day at its own.',
    'From nothing there is no value; from net refunds it is suspect.',
    'yoy compares with the window 364 days earlier: the same weekdays.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  hidden: ['currency', 'day'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs + YEAR_MS,
  events: ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'],
  measures: {
    current: salesBefore(() => 0),
    previous: salesBefore((windowMs) => windowMs),
    previous_yoy: salesBefore(() => YEAR_MS),
    movements: {
      unit: 'sale',
      kind: 'count',
      intervals: (sale, { windowMs }) =>
        whileKnown(sale, inWindow(sale.at, 2 * windowMs), {
          dimensions: { plan: sale.plan, currency: sale.currency, day: '' },
        }),
    },
    accounts: {
      unit: 'seller',
      kind: 'distinct',
      intervals: ({ sales }, { windowMs }) =>
        sales.flatMap((sale) =>
          counting(intersect(sale.known, inWindow(sale.at, windowMs)), {
            plan: sale.plan,
            currency: '',
            day: '',
          }),
        ),
    },
  },
  components: [
    ...AMOUNTS,
    ...AMOUNTS.map((amount) => `${amount}_event_rates`),
    'accounts',
    'no_fx_rate',
  ],
  reduce,
  variants: [
    growth('', 'Growth against the window before', ['current', 'previous']),
    growth('yoy', 'Growth against a year before', ['current', 'previous_yoy']),
    growth('event_rates', 'Growth, each day at its own exchange rate', [
      'current_event_rates',
      'previous_event_rates',
    ]),
    growth('yoy_event_rates', 'Growth against a year before, each day at its own exchange rate', [
      'current_event_rates',
      'previous_yoy_event_rates',
    ]),
  ],
  excluded: ['no_fx_rate'],
  suspectWhen: ['no_fx_rate'],
});
