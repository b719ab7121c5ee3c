import { pieceAt } from '../account.ts';
import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure, type MeasureOptions, counting } from '../measure.ts';
import { type ProductUser, regularUse } from '../product-use.ts';
import { ALWAYS, type Span } from '../span.ts';
import { startIntervals } from '../start-set.ts';

/** Counts accounts that were active and onboarded at t - W, during the spans. */
function ofOnboarded(
  spansOf: (user: ProductUser, options: MeasureOptions) => readonly Span[],
): Measure {
  return {
    unit: 'product_user',
    kind: 'count',
    intervals: (user, options) => {
      const { windowMs } = options;
      const since = user.onboardedAt + windowMs;
      return startIntervals(user.state, { windowMs, since, spansOf: () => spansOf(user, options) });
    },
  };
}

const onboarded = (components: Components): bigint => components['onboarded'] ?? 0n;

/** Share of the onboarded accounts that use the product regularly. */
export const adoptionRate: Kpi = defineKpi({
  id: 'adoption_rate',
  version: 1,
  title: 'Adoption rate',
  description:
    'Of the accounts active and onboarded at t - W, the share that used the product regularly in [t - W, t): a value event in at least three of the whole seven-day blocks counted back from t. Accounts that churn in the window stay in; those onboarded in it are immature. Needs a window of 28 days or longer.',
  formula: 'accounts in regular use in [t - W, t) / accounts active and onboarded at t - W',
  rules: [
    'Regular: a value event on at least one day in at least three of the whole seven-day blocks counted back from t.',
    'Nine days in one week are not regular.',
    'Who churns in the window stays in; who was onboarded in it is immature.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(28)],
  windowMsMin: days(28),
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'onboarding.completed',
    'product.action_performed',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    onboarded: ofOnboarded(() => [ALWAYS]),
    regular: ofOnboarded(({ hours }, { windowMs, definitions }) =>
      regularUse(hours, windowMs, definitions.regularUse),
    ),
    immature: {
      unit: 'product_user',
      kind: 'count',
      intervals: ({ state, onboardedAt }, { windowMs }) =>
        onboardedAt === Infinity
          ? []
          : counting(
              // Exactly at t - W it is onboarded by then.
              { from: onboardedAt + 1, to: onboardedAt + windowMs },
              { plan: pieceAt(state, onboardedAt).plan },
            ),
    },
  },
  variants: [
    {
      name: '',
      title: 'Regular use',
      numerator: (components) => components['regular'] ?? 0n,
      denominator: onboarded,
      n: onboarded,
      interval: 'wilson',
    },
  ],
  immature: 'immature',
});
