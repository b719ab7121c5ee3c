import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

import { type Interval, TAIL, assertCount } from './interval.ts';

const Z = normalQuantile(1 - TAIL, 0, 1);

/**
 * Wilson's score interval of a proportion of independent units (STATISTICS.md 7). Exactly 0 at none and exactly 1 at all.
 * Throws a RangeError without units or with more successes than units.
 */
export function wilson(successes: number, n: number): Interval {
  assertCount('successes', successes);
  assertCount('n', n);
  if (n === 0 || successes > n) throw new RangeError(`${successes} of ${n} is no proportion`);
  const p = successes / n;
  const shrink = 1 + Z ** 2 / n;
  const centre = (p + Z ** 2 / (2 * n)) / shrink;
  const half = (Z * Math.sqrt((p * (1 - p)) / n + (Z / (2 * n)) ** 2)) / shrink;
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}
