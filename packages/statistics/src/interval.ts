import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

/** Confidence of every interval that a value carries. */
export const LEVEL = 0.95;

/** Probability left out at each end. */
export const TAIL: number = (1 - LEVEL) / 2;

/** Half the width of a normal interval at {@link LEVEL}, in standard errors. */
export const Z: number = normalQuantile(1 - TAIL, 0, 1);

/** A two-sided confidence interval at {@link LEVEL}, in the unit of the estimate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An estimated difference, that of group 1 less that of group 0, in its interval. */
export interface Difference extends Interval {
  readonly difference: number;
}

/** Throws a RangeError when `value` is not a whole number of things: an interval of nonsense would look like knowledge. */
export function assertCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number from 0, not ${value}`);
  }
}
