import { pieceAt } from '../account.ts';
import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure, counting } from '../measure.ts';
import { type Referrer } from '../onboarding.ts';
import { ALWAYS, type Span, inWindow, union } from '../span.ts';
import { startIntervals } from '../start-set.ts';

/** Counts accounts that were active at t - W and onboarded before t, during the spans. */
function ofOnboarded(spansOf: (referrer: Referrer, windowMs: number) => readonly Span[]): Measure {
  return {
    unit: 'referrer',
    kind: 'count',
    intervals: (referrer, { windowMs }) => {
      const since = referrer.onboardedAt + 1;
      return startIntervals(referrer.state, {
        windowMs,
        since,
        spansOf: () => spansOf(referrer, windowMs),
      });
    },
  };
}

/** When an account that was referred became a customer: before that, in time, or not in time. */
type Outcome = 'already' | 'converted' | 'not_converted';

/** Counts accounts that were referred, with their plan then, by what became of them: in the cohort window, or while they are immature. */
function ofReferred(outcomes: readonly Outcome[], stage: 'cohort' | 'immature'): Measure {
  return {
    unit: 'referred_account',
    kind: 'count',
    intervals: ({ state, referredAt }, { windowMs, definitions }) => {
      const { horizonMs } = definitions.referral;
      const customerSince = state.active[0]?.from ?? Infinity;
      const isInTime = customerSince < referredAt + horizonMs;
      const inTime = isInTime ? 'converted' : 'not_converted';
      const outcome: Outcome = customerSince < referredAt ? 'already' : inTime;
      if (!outcomes.includes(outcome)) return [];
      const span =
        stage === 'cohort'
          ? inWindow(referredAt, windowMs, horizonMs)
          : inWindow(referredAt, horizonMs);
      return counting(span, { plan: pieceAt(state, referredAt).plan });
    },
  };
}

const NEW: readonly Outcome[] = ['converted', 'not_converted'];

const entered = (components: Components): bigint => components['entered'] ?? 0n;

/** Share of the onboarded accounts that invited an outsider in the window. */
export const referralRate: Kpi = defineKpi({
  id: 'referral_rate',
  version: 1,
  title: 'Referral rate',
  description:
    'Of the accounts active at t - W and onboarded before t, the share that sent at least one valid referral in [t - W, t). An invitee counts once per account, for all time; inviting oneself or somebody of the own mail domain is no referral. Conversion: of the accounts that were first referred in the cohort window [t - H - W, t - H) and were no customers before, the share that became one before H had passed since (H = 28 days). Only referrals that name the referred account when they are sent are entries.',
  formula:
    'accounts that referred in [t - W, t) / accounts active at t - W and onboarded before t; conversion: accounts that became customers in [first referral, first referral + H) / accounts first referred in [t - H - W, t - H)',
  rules: [
    'Several referrals are one referrer.',
    'An invitee counts once per account, for all time: the first invitation.',
    "Inviting oneself or somebody of the account's own mail domain is no referral.",
    'Conversion: an account is referred once, by the first valid referral of it that an account sent, whichever. Internal accounts refer nobody.',
    'Conversion: who became a customer before the first referral is left out; who was first referred in [t - H, t) is immature. Plan is that of the referred account then.',
    'Conversion: a referral.converted names an account when it is too late to be an entry, and is not looked at.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  horizon: {
    variants: ['conversion'],
    of: ({ referral }) => referral.horizonMs,
    with: (definitions, horizonMs) => ({
      ...definitions,
      referral: { ...definitions.referral, horizonMs },
    }),
  },
  lookBackMs: (windowMs, definitions) => windowMs + definitions.referral.horizonMs,
  events: [
    'onboarding.completed',
    'referral.sent',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    onboarded: ofOnboarded(() => [ALWAYS]),
    referrers: ofOnboarded(({ referredAt }, windowMs) =>
      union(referredAt.map((at) => inWindow(at, windowMs))),
    ),
    entered: ofReferred(NEW, 'cohort'),
    converted: ofReferred(['converted'], 'cohort'),
    immature: ofReferred(NEW, 'immature'),
    customers_already: ofReferred(['already'], 'cohort'),
  },
  variants: [
    {
      name: '',
      title: 'Accounts that referred',
      numerator: (components) => components['referrers'] ?? 0n,
      denominator: (components) => components['onboarded'] ?? 0n,
      n: (components) => components['onboarded'] ?? 0n,
      interval: 'wilson',
    },
    {
      name: 'conversion',
      title: 'Referred accounts that became customers in time',
      numerator: (components) => components['converted'] ?? 0n,
      denominator: entered,
      n: entered,
      interval: 'wilson',
      immature: 'immature',
      excluded: ['customers_already'],
    },
  ],
});
