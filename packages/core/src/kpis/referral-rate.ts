import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Measure } from '../measure.ts';
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
        spans: spansOf(referrer, windowMs),
      });
    },
  };
}

/** Share of the onboarded accounts that invited an outsider in the window. */
export const referralRate: Kpi = defineKpi({
  id: 'referral_rate',
  version: 1,
  title: 'Referral rate',
  description:
    'Of the accounts active at t - W and onboarded before t, the share that sent at least one valid referral in [t - W, t). An invitee counts once per account, for all time; inviting oneself or somebody of the own mail domain is no referral.',
  formula: 'accounts that referred in [t - W, t) / accounts active at t - W and onboarded before t',
  rules: [
    'Several referrals are one referrer.',
    'An invitee counts once per account, for all time: the first invitation.',
    "Inviting oneself or somebody of the account's own mail domain is no referral.",
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
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
  ],
});
