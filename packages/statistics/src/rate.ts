import chiSquaredQuantile from '@stdlib/stats-base-dists-chisquare-quantile';

import { type Interval, TAIL, assertCount } from './interval.ts';

/**
 * Garwood's exact interval of a Poisson rate: events per unit of exposure (STATISTICS.md 2). Exactly 0 below when there were
 * no events. Throws a RangeError unless the exposure is positive.
 */
export function garwood(events: number, exposure: number): Interval {
  assertCount('events', events);
  if (!(exposure > 0 && Number.isFinite(exposure))) {
    throw new RangeError(`exposure must be positive, not ${exposure}`);
  }
  return {
    low: events === 0 ? 0 : chiSquaredQuantile(TAIL, 2 * events) / (2 * exposure),
    high: chiSquaredQuantile(1 - TAIL, 2 * events + 2) / (2 * exposure),
  };
}
