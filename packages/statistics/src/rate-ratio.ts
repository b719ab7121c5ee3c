import { atMost, logOddsAt, midAtMost } from './binomial-tail.ts';
import { type Difference, type Interval, TAIL, Z } from './interval.ts';
import { type RateGroup, assertGroup } from './person-time.ts';

/** Limits of a ratio; `high` is null where no number bounds it: group 0 had no events. */
export interface Bounds {
  readonly low: number;
  readonly high: number | null;
}

/** More events than this leave the accuracy of the incomplete beta function; there all intervals agree, take the log-Wald. */
export const EXACT_EVENTS_MAX = 1e7;

type Tail = (a: number, b: number, logOdds: number) => number;

/** Rate of group 1 over rate of group 0; null without events in group 0. Throws a RangeError without person-time. */
export function rateRatio(one: RateGroup, zero: RateGroup): number | null {
  assertGroup(one);
  assertGroup(zero);
  return zero.events === 0 ? null : one.events / one.time / (zero.events / zero.time);
}

/**
 * Log-Wald interval of a ratio of two independent Poisson rates (STATISTICS.md 3; Rothman & Greenland). Nothing is added to the
 * counts: throws a RangeError unless both groups have an event, then {@link midPRatio} knows more.
 */
export function logWaldRatio(one: RateGroup, zero: RateGroup): Interval {
  const ratio = rateRatio(one, zero);
  if (ratio === null || ratio === 0)
    throw new RangeError('a log-Wald interval needs events in both');
  const spread = Math.exp(Z * Math.sqrt(1 / one.events + 1 / zero.events));
  return { low: ratio / spread, high: ratio * spread };
}

/**
 * Exact conditional interval of a ratio of two Poisson rates: Clopper-Pearson of the share of group 1 in all events
 * (STATISTICS.md 3; Fay 2010). Exactly 0 below without events in group 1, unbounded above without events in group 0.
 * Throws a RangeError without person-time or beyond {@link EXACT_EVENTS_MAX} events.
 */
export function exactRatio(one: RateGroup, zero: RateGroup): Bounds {
  return boundsOf(one, zero, atMost);
}

/**
 * Mid-P interval of a ratio of two Poisson rates, with its median-unbiased estimate (STATISTICS.md 3): less conservative than
 * {@link exactRatio}, the default for small counts. Ends, limits and errors as there; the median is 0 or null together with them.
 */
export function midPRatio(
  one: RateGroup,
  zero: RateGroup,
): Bounds & { readonly median: number | null } {
  const bounds = boundsOf(one, zero, midAtMost);
  if (zero.events === 0) return { ...bounds, median: null };
  return { ...bounds, median: limitAt(0.5, one, zero, midAtMost) };
}

/**
 * Central exact p-value of equal rates: below 5 % exactly when {@link exactRatio} excludes 1 (STATISTICS.md 3; Fay 2010).
 * Of no events at all it is 1. Errors as there.
 */
export function exactRatioPValue(one: RateGroup, zero: RateGroup): number {
  return pValueOf(one, zero, atMost);
}

/** Mid-P value of equal rates: below 5 % exactly when {@link midPRatio} excludes 1 (STATISTICS.md 3). Errors as there. */
export function midPRatioPValue(one: RateGroup, zero: RateGroup): number {
  return pValueOf(one, zero, midAtMost);
}

/**
 * Difference of two independent Poisson rates, group 1 less group 0, in events per unit of time, with its Wald interval
 * (STATISTICS.md 3). Too short for a handful of events. Throws a RangeError without person-time or without any event.
 */
export function rateDifference(one: RateGroup, zero: RateGroup): Difference {
  assertGroup(one);
  assertGroup(zero);
  if (one.events + zero.events === 0) throw new RangeError('no events say nothing of a difference');
  const difference = one.events / one.time - zero.events / zero.time;
  const half = Z * Math.sqrt(one.events / one.time ** 2 + zero.events / zero.time ** 2);
  return { difference, low: difference - half, high: difference + half };
}

function boundsOf(one: RateGroup, zero: RateGroup, tail: Tail): Bounds {
  assertExact(one, zero);
  // The upper limit is the lower one of the groups the other way round.
  return {
    low: limitAt(TAIL, one, zero, tail),
    high: zero.events === 0 ? null : 1 / limitAt(TAIL, zero, one, tail),
  };
}

/** The ratio of rates at which as many events in group 1 as there were, or more, have the probability `level`. */
function limitAt(level: number, one: RateGroup, zero: RateGroup, tail: Tail): number {
  if (one.events === 0) return 0;
  const logOdds = logOddsAt(level, (odds) => tail(zero.events, one.events, -odds));
  return (Math.exp(logOdds) * zero.time) / one.time;
}

function pValueOf(one: RateGroup, zero: RateGroup, tail: Tail): number {
  assertExact(one, zero);
  const logOdds = Math.log(one.time / zero.time);
  const fewer = tail(one.events, zero.events, logOdds);
  const more = tail(zero.events, one.events, -logOdds);
  return Math.min(1, 2 * Math.min(fewer, more));
}

function assertExact(one: RateGroup, zero: RateGroup): void {
  assertGroup(one);
  assertGroup(zero);
  if (one.events + zero.events > EXACT_EVENTS_MAX)
    throw new RangeError(`exact intervals end at ${EXACT_EVENTS_MAX} events`);
}
