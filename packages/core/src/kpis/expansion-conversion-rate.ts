import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Expander, type ExpansionKind, expandedSpans } from '../expansion.ts';
import { type Components, type KpiVariant } from '../kpi.ts';
import { type Measure } from '../measure.ts';
import { ALWAYS, type Span, union } from '../span.ts';
import { startIntervals } from '../start-set.ts';

/** Counts accounts that were active and onboarded at t - W, during the spans. */
function ofOnboarded(spansOf: (expander: Expander, windowMs: number) => readonly Span[]): Measure {
  return {
    unit: 'expander',
    kind: 'count',
    intervals: (expander, { windowMs }) => {
      const since = expander.onboardedAt + windowMs;
      return startIntervals(expander.state, {
        windowMs,
        since,
        spansOf: () => spansOf(expander, windowMs),
      });
    },
  };
}

/** An account counts once, however often it expands. */
function expandedBy(...kinds: readonly ExpansionKind[]): Measure {
  return ofOnboarded(({ expansions }, windowMs) =>
    union(
      expansions
        .filter(({ kind }) => kinds.includes(kind))
        .flatMap((expansion) => expandedSpans(expansion, windowMs)),
    ),
  );
}

const onboarded = (components: Components): bigint => components['onboarded'] ?? 0n;

function share(name: string, title: string, component: string): KpiVariant {
  return {
    name,
    title,
    numerator: (components) => components[component] ?? 0n,
    denominator: onboarded,
    n: onboarded,
    interval: 'wilson',
  };
}

/** Share of the onboarded accounts that bought more. */
export const expansionConversionRate: Kpi = defineKpi({
  id: 'expansion_conversion_rate',
  version: 1,
  title: 'Expansion conversion rate',
  description:
    'Of the accounts active and onboarded at t - W, the share that expanded in [t - W, t): more revenue from a product it had, by plan or seats (upsell), or a product not held at t - W (cross_sell). An upsell counts while the revenue of its product is above that at t - W. What is reversed or refunded within the grace period (14 days) is no expansion, nor is a trial that becomes paid. Accounts that do both count once: the two do not add up.',
  formula: 'accounts that expanded in [t - W, t) / accounts active and onboarded at t - W',
  rules: [
    "Upsell: more revenue from a product that was held, by plan or seats, or for no stated reason with another plan or more seats; it counts while the product's revenue is above that at t - W.",
    'Cross-sell: a product that was not held at t - W; a switch of product is one.',
    'Price indexation, an expired discount and a trial that becomes paid are none.',
    'A subscription that is paused, for as long as pauses keep an account, has what it had: going on with it adds nothing.',
    'Reversed within 14 days, or an invoice of that time fully refunded in it: none, from that moment on.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'onboarding.completed',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
    'billing.invoice_paid',
    'billing.refund_issued',
  ],
  measures: {
    onboarded: ofOnboarded(() => [ALWAYS]),
    expanded: expandedBy('upsell', 'cross_sell'),
    upsold: expandedBy('upsell'),
    cross_sold: expandedBy('cross_sell'),
  },
  variants: [
    share('', 'Upsell or cross-sell', 'expanded'),
    share('upsell', 'Upsell', 'upsold'),
    share('cross_sell', 'Cross-sell', 'cross_sold'),
  ],
});
