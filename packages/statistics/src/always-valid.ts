import { type Interval, LEVEL } from './interval.ts';
import { type LogRatio, assertLogRatio } from './log-ratio.ts';

/** Before so many events, or so many accounts, the first look is too early: the estimate is not yet normal (STATISTICS.md 10). */
export const FIRST_LOOK_EVENTS_MIN = 30;
export const FIRST_LOOK_ACCOUNTS_MIN = 40;

/** Both are chosen before the first look. */
export interface AlwaysValidOptions {
  /** Standard deviation of the effects, as logarithms, that the interval is made for; 0.5 when not given. */
  readonly tau?: number;
  /** Chance of ever being wrong; 0.05 when not given. */
  readonly alpha?: number;
}

const TAU = 0.5;
const ALPHA = 1 - LEVEL;

/**
 * Half the width, on the log scale, of an interval that may be looked at again and again: the normal mixture sequential test
 * (STATISTICS.md 10 A; Johari et al. 2022). Wider than the ordinary one at every look. A standard error of 0 gives 0.
 * Throws a RangeError unless the standard error is not negative, tau positive and alpha between 0 and 1.
 */
export function alwaysValidHalfWidth(logSe: number, options: AlwaysValidOptions = {}): number {
  const { tau = TAU, alpha = ALPHA } = options;
  if (!(logSe >= 0 && Number.isFinite(logSe)))
    throw new RangeError(`${logSe} is no standard error`);
  if (!(tau > 0 && Number.isFinite(tau))) throw new RangeError(`tau must be positive, not ${tau}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`${alpha} is no chance of being wrong`);
  // In units of tau; the logarithms apart, or a tiny standard error would leave the range of numbers.
  const relative = logSe / tau;
  if (relative === 0) return 0;
  const penalty = Math.log1p(relative ** 2) - 2 * Math.log(relative) - 2 * Math.log(alpha);
  return logSe * Math.hypot(1, relative) * Math.sqrt(penalty);
}

/**
 * Interval of a ratio that holds at all looks together, from a fixed start on (STATISTICS.md 10 A): for live comparisons. It
 * is asymptotic: show none before {@link FIRST_LOOK_EVENTS_MIN} events and {@link FIRST_LOOK_ACCOUNTS_MIN} accounts. Degrees
 * of freedom play no part. A window that rolls forgets data and has no such guarantee.
 * Errors as of {@link alwaysValidHalfWidth}, and on no ratio.
 */
export function alwaysValidInterval(
  estimate: LogRatio,
  options: AlwaysValidOptions = {},
): Interval {
  assertLogRatio(estimate);
  const spread = Math.exp(alwaysValidHalfWidth(estimate.logSe, options));
  return { low: estimate.ratio / spread, high: estimate.ratio * spread };
}
