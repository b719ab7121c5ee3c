import { type KpiEvent, type PlacedFact, factOf } from '@kpi/core';

/** One decoded record of a batch. */
export interface PlacedEvent {
  /** Key of the record: the home of what it says. */
  readonly key: Buffer | null;
  readonly offset: number;
  readonly event: KpiEvent;
}

/** What the events of a batch say, by the home they say it of. */
export function planBatch(
  events: readonly PlacedEvent[],
): ReadonlyMap<string, readonly PlacedFact[]> {
  const facts = new Map<string, PlacedFact[]>();
  for (const { key, offset, event } of events) {
    const placed = factOf(event, offset);
    if (placed === undefined) continue;
    const homeKey = String(key ?? '');
    const known = facts.get(homeKey);
    if (known === undefined) facts.set(homeKey, [placed]);
    else known.push(placed);
  }
  return facts;
}
