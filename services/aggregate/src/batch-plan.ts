import { type KpiEvent, type PlacedFact, factOf } from '@kpi/core';
import { sourceField } from '@kpi/redis';

/** One decoded record of a batch. */
export interface PlacedEvent {
  /** Key of the record: the home of what it says. */
  readonly homeKey: string;
  readonly offset: number;
  readonly event: KpiEvent;
}

/** What a batch says, sorted by where it belongs. */
export interface BatchPlan {
  readonly facts: ReadonlyMap<string, readonly PlacedFact[]>;
  /** Latest `occurred_at` by source field. */
  readonly sources: ReadonlyMap<string, number>;
}

/** Sort the events of a batch. Events that no KPI reads only tell that their source is alive. */
export function planBatch(events: readonly PlacedEvent[]): BatchPlan {
  const facts = new Map<string, PlacedFact[]>();
  const sources = new Map<string, number>();
  for (const { homeKey, offset, event } of events) {
    const field = sourceField(event.tenant_id, event.event_type, event.source);
    sources.set(field, Math.max(event.occurred_at, sources.get(field) ?? event.occurred_at));
    const placed = factOf(event, offset);
    if (placed === undefined) continue;
    const known = facts.get(homeKey);
    if (known === undefined) facts.set(homeKey, [placed]);
    else known.push(placed);
  }
  return { facts, sources };
}
