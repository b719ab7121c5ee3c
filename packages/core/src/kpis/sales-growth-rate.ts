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

/**
 * Money components in minor units of the reporting currency, at the rate of the window's last day and at the events' days; of the sums
 * of one currency and day, which are not 0, how many have no such rate.
 */
function reduce(sums: readonly MeasureSum[], options: ReduceOptions): Components {
  const { rates, definitions, asOf } = options;
  const factorOf = (currency: string, day: number) =>
    rates.factor(currency, definitions.reportingCurrency, day);
  const toReporting = (currency: string, day: number, sum: bigint): bigint => {
    const factor = factorOf(currency, day);
    return factor === undefined ? 0n : convert(sum, factor);
  };
  const components: Record<string, bigint> = {};
  const unpriced: Record<string, bigint> = {};
  const lastDay = utcDay(asOf - 1);
  for (const amount of AMOUNTS) {
    const mine = sums
      .filter((one) => one.measure === amount)
      .map(({ hidden, sum }) => ({
        currency: hidden['currency'] ?? '',
        day: Number(hidden['day']),
        sum,
      }));
    const without = (dayOf: (own: number) => number): bigint =>
      BigInt(
        mine.filter(
          ({ currency, day, sum }) => sum !== 0n && factorOf(currency, dayOf(day)) === undefined,
        ).length,
      );
    const byCurrency = Map.groupBy(mine, (one) => one.currency);
    components[amount] = total(
      [...byCurrency].map(([currency, parts]) =>
        toReporting(currency, lastDay, total(parts.map((one) => one.sum))),
      ),
    );
    components[`${amount}_event_rates`] = total(
      mine.map(({ currency, day, sum }) => toReporting(currency, day, sum)),
    );
    unpriced[amount] = without(() => lastDay);
    unpriced[`${amount}_event_rates`] = without((day) => day);
  }
  components['accounts'] = total(
    sums.filter((one) => one.measure === 'accounts').map((one) => one.sum),
  );
  for (const { name, amounts } of GROWTHS)
    components[unpricedOf(name)] = total(amounts.map((amount) => unpriced[amount] ?? 0n));
  return components;
}

/** What each variant compares. */
const GROWTHS = [
  {
    name: '',
    title: 'Growth against the window before',
    amounts: ['current', 'previous'],
  },
  {
    name: 'yoy',
    title: 'Growth against a year before',
    amounts: ['current', 'previous_yoy'],
  },
  {
    name: 'event_rates',
    title: 'Growth, each day at its own exchange rate',
    amounts: ['current_event_rates', 'previous_event_rates'],
  },
  {
    name: 'yoy_event_rates',
    title: 'Growth against a year before, each day at its own exchange rate',
    amounts: ['current_event_rates', 'previous_yoy_event_rates'],
  },
] as const;

/** The component that counts what has no rate in a variant. */
function unpricedOf(variant: string): string {
  return variant === '' ? 'no_fx_rate' : `no_fx_rate_${variant}`;
}

function total(sums: readonly bigint[]): bigint {
  return sums.reduce((whole, sum) => whole + sum, 0n);
}

function growth({ name, title, amounts }: (typeof GROWTHS)[number]): KpiVariant {
  const [current, previous] = amounts;
  return {
    name,
    title,
    numerator: (components) => (components[current] ?? 0n) - (components[previous] ?? 0n),
    denominator: (components) => components[previous] ?? 0n,
    n: (components) => components['accounts'] ?? 0n,
    interval: 'none',
    bounds: { low: null, high: null },
    unpriced: unpricedOf(name),
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
    'What has no exchange rate is left out and makes the value suspect; counted are sums of one currency and day, those of the very variant.',
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
    ...GROWTHS.map(({ name }) => unpricedOf(name)),
  ],
  reduce,
  variants: GROWTHS.map(growth),
  excluded: ['no_fx_rate'],
  suspectWhen: ['no_fx_rate'],
});
