import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import tCdf from '@stdlib/stats-base-dists-t-cdf';

import { quantileOf } from './clusters.ts';
import { type Interval } from './interval.ts';

/** A logarithm this near 0 is 0: sums of fractions miss it by rounding, and where nothing varies that would look like certainty. */
const ROUNDING = 1e-12;

/** An estimated ratio whose logarithm is nearly normal. */
export interface LogRatio {
  readonly ratio: number;
  /** Standard error of the natural logarithm of the ratio. */
  readonly logSe: number;
  /** Of the t distribution that few accounts need; null for the normal one. */
  readonly degreesOfFreedom: number | null;
}

/**
 * Interval of a ratio, symmetric on the log scale (STATISTICS.md 3 and 4). A standard error of 0 gives the ratio itself.
 * Throws a RangeError unless the ratio is positive, the standard error not negative and the degrees of freedom positive.
 */
export function ratioInterval(estimate: LogRatio): Interval {
  assertLogRatio(estimate);
  const { ratio, logSe, degreesOfFreedom } = estimate;
  const spread = Math.exp(quantileOf(degreesOfFreedom) * logSe);
  return { low: ratio / spread, high: ratio * spread };
}

/** Two-sided p-value of a ratio of 1; below 5 % exactly when {@link ratioInterval} excludes 1. Errors as there. */
export function ratioPValue(estimate: LogRatio): number {
  assertLogRatio(estimate);
  const { ratio, logSe, degreesOfFreedom } = estimate;
  if (Math.abs(Math.log(ratio)) <= ROUNDING) return 1;
  if (logSe === 0) return 0;
  const far = -Math.abs(Math.log(ratio)) / logSe;
  return 2 * (degreesOfFreedom === null ? normalCdf(far, 0, 1) : tCdf(far, degreesOfFreedom));
}

/** Throws a RangeError when the estimate is none. */
export function assertLogRatio({ ratio, logSe, degreesOfFreedom }: LogRatio): void {
  if (!(ratio > 0 && Number.isFinite(ratio))) throw new RangeError(`${ratio} is no ratio`);
  if (!(logSe >= 0 && Number.isFinite(logSe)))
    throw new RangeError(`${logSe} is no standard error`);
  if (degreesOfFreedom !== null && !(degreesOfFreedom > 0))
    throw new RangeError(`${degreesOfFreedom} are no degrees of freedom`);
}
