import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

import { type Interval, TAIL, assertCount } from './interval.ts';

const Z = normalQuantile(1 - TAIL, 0, 1);

/** What the adjustment adds to the answers: three, of which a quarter each promote and detract (Rocks 2016). */
const ADDED = 3;
const ADDED_PER_SIDE = 0.75;

/**
 * Adjusted Wald interval of the difference between two shares of the same units: promoters less detractors, in [-1, 1]
 * (STATISTICS.md 8; Rocks, Am Statistician 2016). Few answers pull its centre towards 0.
 * Throws a RangeError without units or when the two sides are more than all.
 */
export function adjustedWald(positive: number, negative: number, n: number): Interval {
  assertCount('positive', positive);
  assertCount('negative', negative);
  assertCount('n', n);
  if (n === 0 || positive + negative > n)
    throw new RangeError(`${positive} and ${negative} are no shares of ${n}`);
  const total = n + ADDED;
  const up = (positive + ADDED_PER_SIDE) / total;
  const down = (negative + ADDED_PER_SIDE) / total;
  const centre = up - down;
  const half = Z * Math.sqrt((up + down - centre ** 2) / total);
  return { low: Math.max(-1, centre - half), high: Math.min(1, centre + half) };
}

/** Relative error of a difference of two products of whole numbers, where they are too large to be exact. */
const ROUNDING = 1e-15;

/**
 * Student's t interval of the mean of `n` independent whole scores, from their sum and the sum of their squares. Right for
 * bounded scores of some dozens of units; with fewer their mean is not yet normal. All alike: the interval is the mean.
 * Throws a RangeError with fewer than two units or sums that no scores have.
 */
export function studentT(n: number, sum: number, sumOfSquares: number): Interval {
  assertCount('n', n);
  assertCount('sumOfSquares', sumOfSquares);
  // n times the sum of squared deviations.
  const spread = n * sumOfSquares - sum ** 2;
  if (n < 2 || spread < -ROUNDING * n * sumOfSquares)
    throw new RangeError(`${n} scores do not sum to ${sum} and ${sumOfSquares}`);
  const mean = sum / n;
  const half = tQuantile(1 - TAIL, n - 1) * Math.sqrt(Math.max(0, spread) / n / (n - 1) / n);
  return { low: mean - half, high: mean + half };
}
