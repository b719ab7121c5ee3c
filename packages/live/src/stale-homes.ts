import { type CountedHome, RETRACTIONS, mustReread } from '@kpi/core';

import { type PlacedEvent } from './batch-plan.ts';

/** Homes that say of activity what cannot be merged. */
export function staleHomes(
  events: readonly PlacedEvent[],
  homes: ReadonlyMap<string, CountedHome>,
): ReadonlySet<string> {
  const stale = new Set<string>();
  const isTaken = [...homes.values()].some(({ home }) => home.facts(RETRACTIONS).length > 0);
  for (const { key, event } of events) {
    // Nearly all events of nearly all batches.
    if (event.retracts === null && event.source_version === 0 && !isTaken) continue;
    const home = String(key ?? '');
    if (mustReread(event, homes.get(home)?.home)) stale.add(home);
  }
  return stale;
}
