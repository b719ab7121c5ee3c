import { days, hours } from '@kpi/core';

import type { CourseRun } from './academy.ts';
import {
  CURRENCIES,
  CURRENCY_WEIGHTS,
  type Currency,
  PLANS,
  PLAN_WEIGHTS,
  type Plan,
  USERS,
} from './plans.ts';
import { type Random, createRandom } from './random.ts';
import { type SubscriptionLife, drawSubscriptionLife } from './subscription.ts';
import { drawTraining, firstTraining } from './training.ts';

/** A user of an account, a member during `[joinedAt, leftAt)`. */
export interface Member {
  readonly id: string;
  readonly joinedAt: number;
  readonly leftAt: number;
}

/** Everything about an account that is decided at its first contact; the rest is drawn period by period. */
export interface Account {
  readonly id: string;
  readonly seed: string;
  readonly number: number;
  readonly companyFrom: number;
  /** Earlier than `createdAt` when its first user came through the academy. */
  readonly firstContactAt: number;
  readonly createdAt: number;
  readonly plan: Plan;
  readonly currency: Currency;
  readonly channel: string;
  /** The company's own test account, which no KPI may count. */
  readonly isInternal: boolean;
  readonly members: readonly Member[];
  readonly life: SubscriptionLife;
  readonly runs: readonly CourseRun[];
  /** First instant at which a member has a completed course; Infinity when none ever has. */
  readonly trainedAt: number;
}

export interface AccountStart {
  /** When the company began, ms. */
  readonly companyFrom: number;
  readonly seed: string;
  readonly number: number;
  readonly firstContactAt: number;
}

const PROSPECT_SHARE = 0.08;
const LEAVER_SHARE = 0.06;
const INTERNAL_ACCOUNT_NUMBER = 9;

export function drawAccount(start: AccountStart): Account {
  const id = `acc-${String(start.number).padStart(4, '0')}`;
  const random = createRandom(start.seed, id);
  const isProspect = random.chance(PROSPECT_SHARE);
  const waitMs = isProspect ? random.between(days(20), days(60)) : 0;
  const createdAt = Math.floor(start.firstContactAt + waitMs);
  const plan = random.pick(PLANS, PLAN_WEIGHTS);
  const seats = random.integer(...USERS[plan]);
  const members = drawMembers(random, { id, createdAt, seats });
  const life = drawSubscriptionLife(createRandom(start.seed, id, 'subscription'), {
    accountId: id,
    createdAt,
    plan,
    seats,
  });
  const basis = { ...start, id, createdAt, plan, members, life };
  const runs = drawTraining(createRandom(start.seed, id, 'academy'), basis);
  return {
    ...basis,
    runs,
    currency: random.pick(CURRENCIES, CURRENCY_WEIGHTS),
    channel: random.pick(['organic', 'paid-search', 'partner', 'event']),
    isInternal: start.number === INTERNAL_ACCOUNT_NUMBER,
    trainedAt: firstTraining(runs, members),
  };
}

function drawMembers(
  random: Random,
  account: { readonly id: string; readonly createdAt: number; readonly seats: number },
): readonly Member[] {
  return Array.from({ length: account.seats }, (_, index) => {
    const waitMs = index === 0 ? hours(0.2) : hours(1) + random.exponential(days(15));
    const joinedAt = Math.floor(account.createdAt + waitMs);
    const isLeaver = index > 0 && random.chance(LEAVER_SHARE);
    return {
      id: `${account.id.replace('acc', 'usr')}-${index + 1}`,
      joinedAt,
      leftAt: isLeaver ? Math.floor(joinedAt + random.between(days(60), days(300))) : Infinity,
    };
  });
}
