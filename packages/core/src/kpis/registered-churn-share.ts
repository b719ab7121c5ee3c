import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure, type MeasureOptions, counting } from '../measure.ts';
import { type ProductUser, dormancies } from '../product-use.ts';
import { ALWAYS, type Span, inWindow, intersect, union } from '../span.ts';

/** Counts a registered account during the spans, with its plan at t. */
function ofRegistered(
  spansOf: (user: ProductUser, options: MeasureOptions) => readonly Span[],
): Measure {
  return {
    unit: 'product_user',
    kind: 'count',
    intervals: (user, options) => {
      if (user.createdAt === Infinity) return [];
      const registered = { from: user.createdAt + 1, to: Infinity };
      return spansOf(user, options).flatMap((span) =>
        user.state.pieces.flatMap(({ from, to, plan }) => {
          // A state that holds from `from` on is known to t > from.
          const held = intersect({ from: from + 1, to: to + 1 }, registered);
          return counting(intersect(held, span), { plan });
        }),
      );
    },
  };
}

const registered = (components: Components): bigint => components['registered'] ?? 0n;

/** Share of all accounts ever registered that stopped using the product. */
export const registeredChurnShare: Kpi = defineKpi({
  id: 'registered_churn_share',
  version: 1,
  title: 'Registered churn share',
  description:
    'Of all accounts created before t, the share that became dormant in [t - W, t): no value event for the inactivity limit (28 days) since the last one or since creation, or the end of the last subscription before that. The denominator only grows, so the share drifts down while nothing improves; it is not comparable with the customer churn rate. `never_active` counts those that had not used the product at all.',
  formula: 'accounts that became dormant in [t - W, t) / accounts created before t',
  rules: [
    'Dormant: the inactivity limit (28 days) passed since the last value event or since creation, or the last subscription ended before that.',
    'A value event counts as the start of its UTC hour; one exactly at the end of the limit is too late.',
    'Dormant, active and dormant again in one window counts once.',
    'An account without account.created is not registered.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs, definitions) => windowMs + definitions.inactivityLimitMs,
  events: [
    'account.created',
    'product.action_performed',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    registered: ofRegistered(() => [ALWAYS]),
    dormant: ofRegistered((user, { windowMs, definitions }) =>
      union(
        dormancies(user, definitions.inactivityLimitMs).map(({ at }) => inWindow(at, windowMs)),
      ),
    ),
    never_active: ofRegistered((user, { windowMs, definitions }) =>
      union(
        dormancies(user, definitions.inactivityLimitMs)
          .filter(({ wasActive }) => !wasActive)
          .map(({ at }) => inWindow(at, windowMs)),
      ),
    ),
  },
  variants: [
    {
      name: '',
      title: 'Became dormant',
      numerator: (components) => components['dormant'] ?? 0n,
      denominator: registered,
      n: registered,
      interval: 'wilson',
    },
    {
      name: 'never_active',
      title: 'Became dormant without any use',
      numerator: (components) => components['never_active'] ?? 0n,
      denominator: registered,
      n: registered,
      interval: 'wilson',
    },
  ],
});
