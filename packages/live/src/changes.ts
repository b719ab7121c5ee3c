import {
  type CountedHome,
  DeltaSheet,
  type Dispatch,
  type HomeChange,
  MINUTE_MS,
  statementsOf,
} from '@kpi/core';
import { type TenantStatement, storedText } from '@kpi/redis';

/**
 * Steps of person-time are kept to the ms this far around the present: a reader clips them at its moment of reading, inside a
 * bucket. Twice the bucket, because clocks of two machines differ.
 */
const EXACT_MS = 10 * MINUTE_MS;

/** What a change of homes writes and tells. */
export class Changes {
  readonly sheet: DeltaSheet;
  readonly homes = new Map<string, Map<string, string>>();
  readonly statements: TenantStatement[] = [];
  readonly dispatches: Dispatch[] = [];
  /** Homes that must be read again because of what they were told. */
  readonly stale = new Set<string>();

  constructor(nowMs: number) {
    this.sheet = new DeltaSheet({ from: nowMs - EXACT_MS, to: nowMs + EXACT_MS });
  }

  add(key: string, { home, owner }: CountedHome, change: HomeChange): void {
    const { entities } = change;
    this.dispatches.push(...change.dispatches);
    if (change.releasesHistory) this.stale.add(key);
    if (entities.size === 0) return;
    const texts = this.homes.get(key) ?? new Map<string, string>();
    this.homes.set(key, texts);
    // As text at once: nothing of a home that is not kept for later need outlive it.
    for (const entity of entities) texts.set(entity, storedText(home.facts(entity)));
    for (const statement of statementsOf(home, entities))
      this.statements.push({ ...statement, tenantId: owner.tenantId });
  }
}
