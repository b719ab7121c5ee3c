import { type Definitions, type KpiEvent, type PlacedFact, factsOf } from '@kpi/core';

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
  definitionsOf: (tenantId: string) => Definitions,
): ReadonlyMap<string, readonly PlacedFact[]> {
  const facts = new Map<string, PlacedFact[]>();
  for (const { key, offset, event } of events) {
    const said = factsOf(event, offset, definitionsOf(event.tenant_id));
    if (said.length === 0) continue;
    addFacts(facts, String(key ?? ''), said);
  }
  return facts;
}

/** More facts of a home. */
export function addFacts(
  facts: Map<string, PlacedFact[]>,
  homeKey: string,
  more: readonly PlacedFact[],
): void {
  const known = facts.get(homeKey);
  if (known === undefined) facts.set(homeKey, [...more]);
  else known.push(...more);
}

const HOMES_AT_ONCE = 256;

/**
 * Keys of homes, some at a time: what is not kept of the ones is gone before the next are read, which spares the garbage collector
 * most of its work.
 */
export function* portionsOf(facts: ReadonlyMap<string, unknown>): Generator<readonly string[]> {
  const keys = [...facts.keys()];
  for (let at = 0; at < keys.length; at += HOMES_AT_ONCE) yield keys.slice(at, at + HOMES_AT_ONCE);
}
