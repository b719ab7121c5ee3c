import {
  type CountedHome,
  DeltaSheet,
  type Dispatch,
  type HomeChange,
  MINUTE_MS,
  statementsOf,
} from '@kpi/core';
import { type BatchWrite, type TenantStatement } from '@kpi/redis';

/**
 * Steps of person-time are kept to the ms this far around the present: a reader clips them at its moment of reading, inside a
 * bucket. Twice the bucket, because clocks of two machines differ.
 */
const EXACT_MS = 10 * MINUTE_MS;

type ChangedHomes = Map<
  string,
  BatchWrite['homes'] extends ReadonlyMap<string, infer Changed> ? Changed : never
>;

/** What a change of homes writes and tells. */
export class Changes {
  readonly sheet: DeltaSheet;
  readonly homes: ChangedHomes = new Map();
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
    const former = this.homes.get(key)?.entities;
    const all = former === undefined ? entities : new Set([...former, ...entities]);
    this.homes.set(key, { home, entities: all });
    for (const statement of statementsOf(home, entities))
      this.statements.push({ ...statement, tenantId: owner.tenantId });
  }
}
