import { days, hours } from '@kpi/core';
import * as fc from 'fast-check';

/** The first instant of a log. */
export const LOG_START: number = Date.UTC(2025, 0, 6);

/** On the edge, beside it, and somewhere. */
const NUDGES_MS: readonly number[] = [0, 0, 0, 0, -1, 1, hours(0.5), 1_234_567];

/** Few distances, so that events meet and one falls on the edge that another makes. */
export interface Distances {
  readonly basesMs: readonly number[];
  /** Grace, windows, horizons, tenure edges and sums of them. */
  readonly leapsMs: readonly number[];
}

export const ALL_DISTANCES: Distances = {
  basesMs: [0, hours(1), hours(23), days(1), days(2), days(10)],
  leapsMs: [0, 0, 1, 3, 7, 28, 31, 56, 84, 364].map(days),
};

/** Instants of a log, ms: often on, just before or just after an edge that another event makes. */
export function instants({ basesMs, leapsMs }: Distances): fc.Arbitrary<number> {
  return fc
    .tuple(fc.constantFrom(...basesMs), fc.constantFrom(...leapsMs), fc.constantFrom(...NUDGES_MS))
    .map(([base, leap, nudge]) => LOG_START + base + leap + nudge);
}
