import { type CountedHome, type Home, RETRACTIONS, mustReread } from '@kpi/core';

import { type PlacedEvent } from './batch-plan.ts';

/** Finds the homes that say of activity what cannot be merged, from the events of a batch and the homes with these. */
export class Doubts {
  readonly #events: readonly PlacedEvent[];
  /** Homes of events that take something back or replace it. */
  readonly #doubtful: ReadonlySet<string>;
  /** Those, and homes of which something was taken back. */
  readonly #homes = new Map<string, Home>();

  constructor(events: readonly PlacedEvent[]) {
    this.#events = events;
    this.#doubtful = new Set(events.filter(isDoubtful).map(homeKeyOf));
  }

  /** A home as it is with the batch. */
  note(key: string, { home }: CountedHome): void {
    if (this.#doubtful.has(key) || home.facts(RETRACTIONS).length > 0) this.#homes.set(key, home);
  }

  /** Keys of those that must be read again from history. */
  stale(): ReadonlySet<string> {
    const stale = new Set<string>();
    // None in nearly all batches.
    if (this.#doubtful.size === 0 && this.#homes.size === 0) return stale;
    for (const placed of this.#events) {
      const key = homeKeyOf(placed);
      if (!isDoubtful(placed) && !this.#homes.has(key)) continue;
      if (mustReread(placed.event, this.#homes.get(key))) stale.add(key);
    }
    return stale;
  }
}

function isDoubtful({ event }: PlacedEvent): boolean {
  return event.retracts !== null || event.source_version !== 0;
}

function homeKeyOf({ key }: PlacedEvent): string {
  return String(key ?? '');
}
