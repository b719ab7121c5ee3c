import { days, hours } from '@kpi/core';
import * as fc from 'fast-check';

/** The first instant of a log. */
export const LOG_START: number = Date.UTC(2025, 0, 6);

/** Few enough that events meet. */
const BASES_MS: readonly number[] = [0, hours(1), hours(23), days(1), days(2), days(10)];
/** Grace, windows, horizons, tenure edges and sums of them. */
const LEAPS_MS: readonly number[] = [
  0,
  0,
  hours(1),
  days(1),
  days(3),
  days(7),
  days(28),
  days(31),
  days(56),
  days(84),
  days(364),
];
/** On the edge, beside it, and somewhere. */
const NUDGES_MS: readonly number[] = [0, 0, 0, -1, 1, hours(0.5), 1_234_567];

/** An instant of a log, ms: often on, just before or just after an edge that another event makes. */
export function instants(): fc.Arbitrary<number> {
  return fc
    .tuple(
      fc.constantFrom(...BASES_MS),
      fc.constantFrom(...LEAPS_MS),
      fc.constantFrom(...NUDGES_MS),
    )
    .map(([base, leap, nudge]) => LOG_START + base + leap + nudge);
}
