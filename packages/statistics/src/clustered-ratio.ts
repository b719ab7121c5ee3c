import { type SmallSample, clusteredSpread } from './clusters.ts';
import { assertCount } from './interval.ts';
import { type LogRatio } from './log-ratio.ts';
import { type PairedTime, assertPaired } from './person-time.ts';

/**
 * Ratio of two rates from accounts whose events belong together: the crude ratio with the sandwich variance of its logarithm
 * (STATISTICS.md 4; Liang & Zeger 1986). One entry for each account, which may have time in both groups; accounts without any
 * time do not count. With fewer than 40 accounts the t distribution has one degree of freedom fewer than accounts. An account
 * that is alone in its group adds nothing to the spread: show no interval for groups of a few accounts (STATISTICS.md 11).
 * Throws a RangeError unless both groups have an event and at least two accounts have time.
 */
export function clusteredRatio(
  accounts: readonly PairedTime[],
  options: SmallSample = {},
): LogRatio {
  let [a, t1, b, t0, clusters] = [0, 0, 0, 0, 0];
  for (const account of accounts) {
    assertPaired(account);
    a += account.a;
    t1 += account.t1;
    b += account.b;
    t0 += account.t0;
    if (account.t1 + account.t0 > 0) clusters += 1;
  }
  if (a === 0 || b === 0) throw new RangeError('a clustered ratio needs events in both groups');
  // (a_i - rate * t_i) / a, which is how much the account shifts the logarithm of the rate.
  const influences = accounts.map((one) => one.a / a - one.t1 / t1 - (one.b / b - one.t0 / t0));
  const { se, degreesOfFreedom } = clusteredSpread(influences, clusters, options);
  return { ratio: a / t1 / (b / t0), logSe: se, degreesOfFreedom };
}

/** What was counted of a unit, and what a model of its rate makes of the same person-time. */
export interface FittedCell {
  readonly events: number;
  readonly expected: number;
}

/**
 * Pearson's dispersion of counts around their fitted means, X^2/(n - p) with `parameters` as p: 1 for Poisson counts, above 1.5
 * no interval without clusters can be trusted (STATISTICS.md 4 and 11). Cells where nothing was expected or seen do not count.
 * Throws a RangeError for events where none were expected, or without more cells than parameters.
 */
export function pearsonDispersion(cells: Iterable<FittedCell>, parameters: number): number {
  assertCount('parameters', parameters);
  let [squares, used] = [0, 0];
  for (const { events, expected } of cells) {
    assertCount('events', events);
    if (!(expected >= 0 && Number.isFinite(expected)) || (expected === 0 && events > 0))
      throw new RangeError(`${expected} is no mean of ${events} events`);
    if (expected === 0) continue;
    squares += (events - expected) ** 2 / expected;
    used += 1;
  }
  if (used <= parameters)
    throw new RangeError(`${used} cells say nothing beyond ${parameters} parameters`);
  return squares / (used - parameters);
}
