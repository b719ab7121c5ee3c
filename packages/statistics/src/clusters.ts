import tQuantile from '@stdlib/stats-base-dists-t-quantile';

import { TAIL, Z } from './interval.ts';

/** With fewer independent clusters than this the t distribution takes the place of the normal one (STATISTICS.md 4 and 11). */
export const NORMAL_CLUSTERS_MIN = 40;

/** Whether few clusters are allowed for: the factor G/(G-1) and the t distribution. On unless it is false. */
export interface SmallSample {
  readonly smallSample?: boolean;
}

/** What independent clusters say about the spread of an estimate. */
export interface ClusteredSpread {
  readonly se: number;
  readonly degreesOfFreedom: number | null;
}

/**
 * Sandwich standard error of an estimate from the influence of each cluster on it (STATISTICS.md 4; Liang & Zeger 1986).
 * Influences of 0 need not be given: `clusters` counts all of them. Throws a RangeError for fewer than two, which show no spread.
 */
export function clusteredSpread(
  influences: Iterable<number>,
  clusters: number,
  { smallSample = true }: SmallSample = {},
): ClusteredSpread {
  if (clusters < 2) throw new RangeError(`${clusters} accounts show no spread`);
  let squares = 0;
  for (const influence of influences) squares += influence ** 2;
  if (!smallSample) return { se: Math.sqrt(squares), degreesOfFreedom: null };
  const se = Math.sqrt((squares * clusters) / (clusters - 1));
  return { se, degreesOfFreedom: clusters < NORMAL_CLUSTERS_MIN ? clusters - 1 : null };
}

/** Half the width of an interval in standard errors; null for the normal distribution. */
export function quantileOf(degreesOfFreedom: number | null): number {
  return degreesOfFreedom === null ? Z : tQuantile(1 - TAIL, degreesOfFreedom);
}
