import { days } from '@kpi/core';

import { type Plan, SEATS_MAX, shiftPlan } from './plans.ts';
import type { Random } from './random.ts';
import { CHURN_PER_PERIOD, TRIAL_CONVERSION } from './truth.ts';

/** What a subscription is from `at` on. */
export interface Terms {
  readonly at: number;
  readonly plan: Plan;
  readonly seats: number;
  readonly reason: 'plan' | 'seats' | 'other';
}

/** A stretch of paid time, `[from, to)`. The first terms hold from `from` on. */
export interface Spell {
  readonly subscriptionId: string;
  readonly from: number;
  readonly to: number;
  readonly endReason: 'voluntary' | 'involuntary';
  readonly terms: readonly Terms[];
}

export interface SubscriptionLife {
  readonly trial: { readonly from: number; readonly to: number };
  /** Empty when the trial came to nothing. */
  readonly spells: readonly Spell[];
}

export interface Offer {
  readonly accountId: string;
  readonly createdAt: number;
  readonly plan: Plan;
  readonly seats: number;
}

const PERIOD_MS = days(28);
const TRIAL_MS = days(14);
/** Ten years: longer than any demo runs, short enough to draw a life in one go. */
const PERIODS_MAX = 130;
const SPELLS_MAX = 3;
const REACTIVATION_SHARE = 0.3;
const INVOLUNTARY_SHARE = 0.25;
/** New customers leave more readily. */
const YOUNG_PERIODS = 3;
const YOUNG_CHURN_FACTOR = 1.5;

/** The trial and the paid spells of one account. */
export function drawSubscriptionLife(random: Random, offer: Offer): SubscriptionLife {
  const isConverted = random.chance(TRIAL_CONVERSION);
  const trialMs = isConverted ? random.between(days(5), TRIAL_MS) : TRIAL_MS;
  const trial = { from: offer.createdAt, to: Math.floor(offer.createdAt + trialMs) };
  const spells: Spell[] = [];
  let from = trial.to;
  let isReturning = isConverted;
  while (isReturning && spells.length < SPELLS_MAX) {
    const spell = drawSpell(random, { ...offer, from, number: spells.length + 1 });
    spells.push(spell);
    isReturning = random.chance(REACTIVATION_SHARE);
    from = Math.floor(spell.to + random.between(days(12), days(90)));
  }
  return { trial, spells };
}

function drawSpell(
  random: Random,
  start: Offer & { readonly from: number; readonly number: number },
): Spell {
  let current: Terms = { at: start.from, plan: start.plan, seats: start.seats, reason: 'other' };
  const terms = [current];
  let to = start.from + PERIODS_MAX * PERIOD_MS;
  for (let period = 0; period < PERIODS_MAX; period += 1) {
    const at = Math.floor(start.from + (period + random.unit()) * PERIOD_MS);
    const factor = period < YOUNG_PERIODS ? YOUNG_CHURN_FACTOR : 1;
    if (random.chance(CHURN_PER_PERIOD[current.plan] * factor)) {
      to = at;
      break;
    }
    const next = drawChange(random, { ...current, at });
    if (next.plan === current.plan && next.seats === current.seats) continue;
    terms.push(next);
    current = next;
  }
  return {
    subscriptionId: `${start.accountId}-sub-${start.number}`,
    from: start.from,
    to,
    endReason: random.chance(INVOLUNTARY_SHARE) ? 'involuntary' : 'voluntary',
    terms,
  };
}

/** In one period in ten something changes: mostly seats, sometimes the plan, more often up than down. */
function drawChange(random: Random, before: Terms): Terms {
  const kind = random.pick(
    ['none', 'more', 'fewer', 'upgrade', 'downgrade'] as const,
    [0.9, 0.045, 0.02, 0.025, 0.01],
  );
  switch (kind) {
    case 'none':
      return before;
    case 'more':
      return { ...before, seats: Math.min(SEATS_MAX, before.seats + 1), reason: 'seats' };
    case 'fewer':
      return { ...before, seats: Math.max(1, before.seats - 1), reason: 'seats' };
    case 'upgrade':
      return { ...before, plan: shiftPlan(before.plan, 1), reason: 'plan' };
    case 'downgrade':
      return { ...before, plan: shiftPlan(before.plan, -1), reason: 'plan' };
    default:
      return kind satisfies never;
  }
}

/** The spell that is paid at `at`, if any. */
export function spellAt(life: SubscriptionLife, at: number): Spell | undefined {
  return life.spells.find(({ from, to }) => from <= at && at < to);
}

/** The terms in force at `at`, which must not lie before the spell. */
export function termsAt(spell: Spell, at: number): Terms | undefined {
  return spell.terms.findLast((terms) => terms.at <= at);
}

/** True in the trial and in paid time. */
export function isInUse(life: SubscriptionLife, at: number): boolean {
  return (life.trial.from <= at && at < life.trial.to) || spellAt(life, at) !== undefined;
}
