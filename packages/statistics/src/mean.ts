import { quantileOf } from './clusters.ts';
import { type Difference, type Interval, Z, assertCount } from './interval.ts';

/** What the adjustment adds to the answers: three, of which a quarter each promote and detract (Rocks 2016). */
const ADDED = 3;
const ADDED_PER_SIDE = 0.75;

/** Two shares of the same units: promoters and detractors among all answers. */
export interface NetScore {
  readonly positive: number;
  readonly negative: number;
  readonly n: number;
}

/** Whole scores, as their number, their sum and the sum of their squares. */
export interface Scores {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/**
 * Adjusted Wald interval of the difference between two shares of the same units: promoters less detractors, in [-1, 1]
 * (STATISTICS.md 8; Rocks, Am Statistician 2016). Few answers pull its centre towards 0.
 * Throws a RangeError without units or when the two sides are more than all.
 */
export function adjustedWald(positive: number, negative: number, n: number): Interval {
  const { centre, variance } = adjusted({ positive, negative, n });
  const half = Z * Math.sqrt(variance);
  return { low: Math.max(-1, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Difference of two independent net scores, in [-2, 2]: the interval lies around the difference of the adjusted scores, whose
 * variances add (STATISTICS.md 8; Rocks 2016); the difference is the plain one, as the scores are shown. The interval is
 * stretched to hold it where two handfuls of answers are all on opposite sides. Errors as of {@link adjustedWald}.
 */
export function netScoreDifference(one: NetScore, zero: NetScore): Difference {
  const [first, second] = [adjusted(one), adjusted(zero)];
  const difference =
    (one.positive - one.negative) / one.n - (zero.positive - zero.negative) / zero.n;
  const centre = first.centre - second.centre;
  const half = Z * Math.sqrt(first.variance + second.variance);
  return {
    difference,
    low: Math.max(-2, Math.min(difference, centre - half)),
    high: Math.min(2, Math.max(difference, centre + half)),
  };
}

function adjusted({ positive, negative, n }: NetScore): { centre: number; variance: number } {
  assertCount('positive', positive);
  assertCount('negative', negative);
  assertCount('n', n);
  if (n === 0 || positive + negative > n)
    throw new RangeError(`${positive} and ${negative} are no shares of ${n}`);
  const total = n + ADDED;
  const up = (positive + ADDED_PER_SIDE) / total;
  const down = (negative + ADDED_PER_SIDE) / total;
  const centre = up - down;
  return { centre, variance: (up + down - centre ** 2) / total };
}

/** Relative error of a difference of two products of whole numbers, where they are too large to be exact. */
const ROUNDING = 1e-15;

/**
 * Student's t interval of the mean of `n` independent whole scores, from their sum and the sum of their squares. Right for
 * bounded scores of some dozens of units; with fewer their mean is not yet normal. All alike: the interval is the mean.
 * Throws a RangeError with fewer than two units or sums that no scores have.
 */
export function studentT(n: number, sum: number, sumOfSquares: number): Interval {
  const { mean, variance } = meanOf({ n, sum, sumOfSquares });
  const half = quantileOf(n - 1) * Math.sqrt(variance);
  return { low: mean - half, high: mean + half };
}

/**
 * Difference of two means of independent whole scores with Welch's t interval, for groups of unequal spread (STATISTICS.md 8;
 * Welch 1947). All alike in both groups: the interval is the difference. For money see {@link bootstrapInterval}.
 * Errors as of {@link studentT}.
 */
export function meanDifference(one: Scores, zero: Scores): Difference {
  const [first, second] = [meanOf(one), meanOf(zero)];
  const difference = first.mean - second.mean;
  const variance = first.variance + second.variance;
  if (variance === 0) return { difference, low: difference, high: difference };
  // As shares: squares of tiny variances would leave the range of numbers.
  const perDegree =
    (first.variance / variance) ** 2 / (one.n - 1) +
    (second.variance / variance) ** 2 / (zero.n - 1);
  const half = quantileOf(1 / perDegree) * Math.sqrt(variance);
  return { difference, low: difference - half, high: difference + half };
}

/** A mean, and the variance of it. */
function meanOf({ n, sum, sumOfSquares }: Scores): { mean: number; variance: number } {
  assertCount('n', n);
  assertCount('sumOfSquares', sumOfSquares);
  // n times the sum of squared deviations.
  const spread = n * sumOfSquares - sum ** 2;
  if (n < 2 || !(spread >= -ROUNDING * n * sumOfSquares))
    throw new RangeError(`${n} scores do not sum to ${sum} and ${sumOfSquares}`);
  return { mean: sum / n, variance: Math.max(0, spread) / n / (n - 1) / n };
}
