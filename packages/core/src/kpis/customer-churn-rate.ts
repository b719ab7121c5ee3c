import { type AccountState, pieceAt } from '../account.ts';
import {
  type Kpi,
  type MeasureSum,
  type ReduceOptions,
  defineKpi,
  sumByMeasure,
} from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, type CountingInterval, type KpiVariant } from '../kpi.ts';
import { type Measure, counting } from '../measure.ts';
import { convert, utcDay } from '../rates.ts';
import { ALWAYS, type Span, intersect, inWindow, subtract, union } from '../span.ts';
import { type StartCondition, anyTime, atStart, churnedSince, startParts } from '../start-set.ts';

/** While the account is not active at t, which knows the events before t. */
const notActiveNow: StartCondition = (state) => {
  const isActive = union(state.active.map(({ from, to }) => ({ from: from + 1, to: to + 1 })));
  const inactive = subtract(ALWAYS, isActive);
  return () => inactive;
};

/** Counts members of the start-of-window set while the condition holds. */
function ofStart(condition: StartCondition): Measure {
  return {
    unit: 'account',
    kind: 'count',
    intervals: ({ state }, { windowMs }) => {
      const counted: CountingInterval[] = [];
      for (const { at, piece } of startParts(state, windowMs, condition))
        counted.push({ ...at, weight: 1, dimensions: { plan: piece.plan, currency: '' } });
      return counted;
    },
  };
}

/** As {@link ofStart}, weighted with the revenue at t - W, in its currency. */
function revenueOfStart(condition: StartCondition): Measure {
  return {
    unit: 'account',
    kind: 'count',
    intervals: ({ state }, { windowMs }) => {
      const counted: CountingInterval[] = [];
      for (const { at, piece } of startParts(state, windowMs, condition)) {
        for (const [currency, mrrMinor] of piece.mrr)
          if (mrrMinor !== 0)
            counted.push({ ...at, weight: mrrMinor, dimensions: { plan: piece.plan, currency } });
      }
      return counted;
    },
  };
}

/** S and E together (KPI_SPEC 7.4): members of the start set, and those not in it whose active time began in the window. */
function startOrEntered(state: AccountState, windowMs: number): readonly CountingInterval[] {
  const inStart = union(state.active.map((span) => atStart(span, windowMs)));
  const members = startParts(state, windowMs).flatMap(({ at, piece }) =>
    counting(at, { plan: piece.plan, currency: '' }),
  );
  const entered = state.active.flatMap((active, index) => {
    const before = state.active[index - 1];
    const earliest = {
      from: before === undefined ? -Infinity : before.from + windowMs + 1,
      to: Infinity,
    };
    const first = intersect(inWindow(active.from, windowMs), earliest);
    return subtract(first, inStart).flatMap((span) =>
      counting(span, { plan: pieceAt(state, active.from).plan, currency: '' }),
    );
  });
  return [...members, ...entered];
}

function churnWindows(state: AccountState, windowMs: number): readonly Span[] {
  return union(state.active.map(({ to }) => inWindow(to, windowMs)));
}

const REVENUE: ReadonlySet<string> = new Set(['start_mrr', 'churned_mrr']);

/** Revenue is converted at the rate of the day of t - W, one sum per currency; `no_fx_rate` counts the currencies without one. */
function reduce(sums: readonly MeasureSum[], options: ReduceOptions): Components {
  const { rates, definitions, asOf, windowMs } = options;
  const counts = sumByMeasure(
    ['start', 'churned', 'net_lost', 'with_new_base', 'with_new_churned'],
    sums,
  );
  const money: Record<string, bigint> = { start_mrr: 0n, churned_mrr: 0n, no_fx_rate: 0n };
  for (const { measure, hidden, sum } of sums.filter(
    (one) => REVENUE.has(one.measure) && one.sum !== 0n,
  )) {
    const factor = rates.factor(
      hidden['currency'] ?? '',
      definitions.reportingCurrency,
      utcDay(asOf - windowMs),
    );
    if (factor !== undefined) money[measure] = (money[measure] ?? 0n) + convert(sum, factor);
    // What churned was there at the start, so the currency is counted once.
    else if (measure === 'start_mrr') money['no_fx_rate'] = (money['no_fx_rate'] ?? 0n) + 1n;
  }
  return { ...counts, ...money };
}

function share(
  name: string,
  title: string,
  parts: readonly [numerator: string, denominator: string],
): KpiVariant {
  const [numerator, denominator] = parts;
  const isMoney = REVENUE.has(numerator);
  return {
    name,
    title,
    numerator: (components) => components[numerator] ?? 0n,
    denominator: (components) => components[denominator] ?? 0n,
    n: (components) => components[isMoney ? 'start' : denominator] ?? 0n,
    interval: isMoney ? 'none' : 'wilson',
  };
}

/** Share of the accounts active at the start of the window that churned in it, and its variants. */
export const customerChurnRate: Kpi = defineKpi({
  id: 'customer_churn_rate',
  version: 1,
  title: 'Customer churn rate',
  description:
    'Of the accounts with recurring revenue at t - W, the share whose revenue fell to 0 in [t - W, t) (gross). `net` leaves out those won back by t, `with_new` adds accounts that started in the window to both sides, `revenue` weighs with the MRR at t - W. Per window; never rescale by multiplying.',
  formula: 'accounts active at t - W that churned in [t - W, t) / accounts active at t - W',
  rules: [
    'Active means that the recurring revenue of all subscriptions sums to more than 0; one of two cancelled is no churn, nor is a trial that ends.',
    'An account is lost when the paid term of its last subscription has ended; or, where churn.recognition is cancellation, with the update that says when it will (cancel_at), until another one says nothing of an end.',
    'A subscription that is updated to MRR 0 keeps its account active for the pause limit (0 days), unless it ends before that.',
    'Who joined and left inside the window is in neither set; only with_new counts it.',
    'Several churns of an account in a window are one.',
    'revenue: both sides at the revenue and the exchange rate of t - W.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  hidden: ['currency'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    start: ofStart(anyTime),
    churned: ofStart(churnedSince),
    net_lost: ofStart(notActiveNow),
    with_new_base: {
      unit: 'account',
      kind: 'count',
      intervals: ({ state }, { windowMs }) => startOrEntered(state, windowMs),
    },
    with_new_churned: {
      unit: 'account',
      kind: 'count',
      intervals: ({ state }, { windowMs }) => {
        const churned = churnWindows(state, windowMs);
        return startOrEntered(state, windowMs).flatMap((member) =>
          churned.flatMap((span) => counting(intersect(member, span), member.dimensions)),
        );
      },
    },
    start_mrr: revenueOfStart(anyTime),
    churned_mrr: revenueOfStart(churnedSince),
  },
  components: [
    'start',
    'churned',
    'net_lost',
    'with_new_base',
    'with_new_churned',
    'start_mrr',
    'churned_mrr',
    'no_fx_rate',
  ],
  reduce,
  variants: [
    share('', 'Gross churn', ['churned', 'start']),
    share('gross', 'Gross churn', ['churned', 'start']),
    share('net', 'Net of accounts won back', ['net_lost', 'start']),
    share('with_new', 'With accounts that started in the window', [
      'with_new_churned',
      'with_new_base',
    ]),
    share('revenue', 'Churned recurring revenue', ['churned_mrr', 'start_mrr']),
  ],
  excluded: ['no_fx_rate'],
});
