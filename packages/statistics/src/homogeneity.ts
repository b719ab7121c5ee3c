import chiSquaredCdf from '@stdlib/stats-base-dists-chisquare-cdf';

import { type PairedTime } from './person-time.ts';
import { sumOf } from './strata.ts';

/** Whether the strata agree on the ratio: Q on its degrees of freedom. */
export interface Homogeneity {
  readonly q: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/** Weighted squares of how far the ratio of each stratum with events in both groups is from the pooled one (STATISTICS.md 5). */
export function homogeneityOf(used: readonly PairedTime[], pooled: number): Homogeneity | null {
  const both = used.filter(({ a, b }) => a > 0 && b > 0);
  const degreesOfFreedom = both.length - 1;
  if (degreesOfFreedom < 1) return null;
  const q = sumOf(
    both,
    ({ a, t1, b, t0 }) => Math.log(a / t1 / (b / t0) / pooled) ** 2 / (1 / a + 1 / b),
  );
  return { q, degreesOfFreedom, pValue: Math.max(0, 1 - chiSquaredCdf(q, degreesOfFreedom)) };
}
