import { type SmallSample, clusteredSpread, quantileOf } from './clusters.ts';
import { type Difference, type Interval, Z, assertCount } from './interval.ts';

/** Units, and how many of them succeeded. */
export interface Trials {
  readonly successes: number;
  readonly n: number;
}

/** A share in its interval. */
export interface ShareInterval extends Interval {
  readonly share: number;
}

/**
 * Wilson's score interval of a proportion of independent units (STATISTICS.md 7). Exactly 0 at none and exactly 1 at all.
 * Throws a RangeError without units or with more successes than units.
 */
export function wilson(successes: number, n: number): Interval {
  assertTrials({ successes, n });
  if (n === 0) throw new RangeError('no units have no proportion');
  const p = successes / n;
  const shrink = 1 + Z ** 2 / n;
  const centre = (p + Z ** 2 / (2 * n)) / shrink;
  const half = (Z * Math.sqrt((p * (1 - p)) / n + (Z / (2 * n)) ** 2)) / shrink;
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Difference of two proportions of independent units: Newcombe's hybrid of two Wilson intervals (STATISTICS.md 7; Newcombe 1998).
 * It stays in [-1, 1]. Errors as of {@link wilson}.
 */
export function newcombe(one: Trials, zero: Trials): Difference {
  return hybrid(shareOf(one), shareOf(zero));
}

/**
 * Share of units that belong to independent clusters, such as users of accounts: ratio of sums, with the variance between
 * clusters on the logit scale (STATISTICS.md 7), and the small-sample factor and t distribution of {@link clusteredRatio}.
 * Where none or all succeeded no variance can be seen: it is Wilson's interval with each cluster as one unit. Clusters without
 * units do not count. Throws a RangeError without units, with more successes than units, or when some but not all succeeded in
 * a single cluster.
 */
export function clusteredProportion(
  clusters: readonly Trials[],
  options: SmallSample = {},
): ShareInterval {
  let [successes, n, used] = [0, 0, 0];
  for (const cluster of clusters) {
    assertTrials(cluster);
    successes += cluster.successes;
    n += cluster.n;
    if (cluster.n > 0) used += 1;
  }
  if (n === 0) throw new RangeError('no units have no proportion');
  const share = successes / n;
  if (successes === 0) return { share, ...wilson(0, used) };
  if (successes === n) return { share, ...wilson(used, used) };
  const { se, degreesOfFreedom } = clusteredSpread(
    clusters.map((cluster) => (cluster.successes - share * cluster.n) / n),
    used,
    options,
  );
  const odds = share / (1 - share);
  const spread = Math.exp((quantileOf(degreesOfFreedom) * se) / (share * (1 - share)));
  return { share, low: 1 / (1 + spread / odds), high: 1 / (1 + 1 / (spread * odds)) };
}

/**
 * Difference of two clustered proportions of different clusters: the hybrid of their intervals, as of {@link newcombe}. A cluster
 * that has units in both would be counted as two. Errors as of {@link clusteredProportion}.
 */
export function clusteredDifference(
  one: readonly Trials[],
  zero: readonly Trials[],
  options: SmallSample = {},
): Difference {
  return hybrid(clusteredProportion(one, options), clusteredProportion(zero, options));
}

function shareOf({ successes, n }: Trials): ShareInterval {
  return { ...wilson(successes, n), share: successes / n };
}

function hybrid(one: ShareInterval, zero: ShareInterval): Difference {
  const difference = one.share - zero.share;
  return {
    difference,
    low: difference - Math.hypot(one.share - one.low, zero.high - zero.share),
    high: difference + Math.hypot(one.high - one.share, zero.share - zero.low),
  };
}

function assertTrials({ successes, n }: Trials): void {
  assertCount('successes', successes);
  assertCount('n', n);
  if (successes > n) throw new RangeError(`${successes} of ${n} is no proportion`);
}
