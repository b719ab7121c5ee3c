import { days } from '@kpi/core';

import type { Plan } from './plans.ts';

/**
 * What is true of the demo company by construction. Nothing downstream may read it; tests and readers hold the computed
 * numbers against it.
 */

/** Ticket rate in trained time over the rate in untrained time of the same tenure and plan. */
export const TRAINED_RATE_RATIO = 0.7;

/** Tickets per account-day in untrained time on the `team` plan, by tenure since the current paid spell began. */
export const TICKETS_PER_DAY_BY_TENURE: readonly {
  readonly belowMs: number;
  readonly perDay: number;
}[] = [
  { belowMs: days(28), perDay: 0.2 },
  { belowMs: days(84), perDay: 0.13 },
  { belowMs: days(182), perDay: 0.09 },
  { belowMs: days(364), perDay: 0.07 },
  { belowMs: Infinity, perDay: 0.06 },
];

/** Multiplies the ticket rate. Larger plans ask more and train more, which is what makes a crude comparison misleading. */
export const TICKET_RATE_FACTOR: Readonly<Record<Plan, number>> = {
  starter: 0.7,
  team: 1,
  business: 1.6,
};

/** Share of accounts that take up training at some moment of their life. */
export const ACADEMY_SHARE: Readonly<Record<Plan, number>> = {
  starter: 0.35,
  team: 0.5,
  business: 0.65,
};

/** What becomes of a course run; the rest of the probability is "never finished, never left". */
export const RUN_OUTCOME = { late: 0.08, withdrawnInGrace: 0.03, withdrawnLater: 0.05 } as const;

/** Probability per 28 days that a paying account leaves for good. */
export const CHURN_PER_PERIOD: Readonly<Record<Plan, number>> = {
  starter: 0.045,
  team: 0.03,
  business: 0.02,
};

/** Share of satisfied answers, before and after training. */
export const SATISFIED_SHARE = { untrained: 0.74, trained: 0.83 } as const;

/** Share of trials that become paid subscriptions. */
export const TRIAL_CONVERSION = 0.78;

/** Probability per 28 days that an account in use invites somebody; a quarter of them are its own people. */
export const REFERRAL_PER_PERIOD = 0.08;

/** Probability that an account is one that another account referred. */
export const REFERRED_SHARE = 0.15;

/** Untrained ticket rate per account-day at this tenure (ms since the paid spell began) on this plan. */
export function untrainedTicketsPerDay(plan: Plan, tenureMs: number): number {
  const step = TICKETS_PER_DAY_BY_TENURE.find(({ belowMs }) => tenureMs < belowMs);
  return (step?.perDay ?? 0) * TICKET_RATE_FACTOR[plan];
}
