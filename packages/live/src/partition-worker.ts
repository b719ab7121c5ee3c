import {
  CountedHome,
  DeltaSheet,
  HOUR_MS,
  MINUTE_MS,
  RETRACTIONS,
  SECOND_MS,
  type PlacedFact,
  type RemadeHome,
  foldSheet,
  mustReread,
  parseHomeKey,
  remakeHome,
  statementsOf,
  toldFacts,
  withoutErased,
} from '@kpi/core';
import { type BatchWrite, type OwnedPartition, type TenantStatement } from '@kpi/redis';
import { LRUCache } from 'lru-cache';

import { type PlacedEvent, planBatch } from './batch-plan.ts';
import { type Teller, type Told } from './facts-log.ts';
import { type HomeHistory } from './home-history.ts';

/** Consecutive records of one topic, decoded. */
export interface DecodedBatch {
  readonly topic: string;
  /** Offset after the last record, refused ones included. */
  readonly next: number;
  /** Events that a KPI may read. */
  readonly events: readonly PlacedEvent[];
  /** What other homes told, by the home that they told: the topic is that of facts, and has no events. */
  readonly told?: ReadonlyMap<string, readonly PlacedFact[]>;
  /** Homes that must be read again from history, and via which others. */
  readonly rereads?: ReadonlyMap<string, readonly string[]>;
  /** All events, those included that no KPI reads. */
  readonly records: number;
  /** Records among them that could not be read and lie in the dead letters. */
  readonly refused: number;
  /** Latest `occurred_at` by source field. */
  readonly sources: ReadonlyMap<string, number>;
  /** Arrival of the first record, ms. */
  readonly arrivedAt?: number | undefined;
}

/** What applying a batch found. */
export interface AppliedBatch {
  /** Events that were known already. */
  readonly repeated: number;
  /** Latest `occurred_at` by source field. */
  readonly sources: ReadonlyMap<string, number>;
}

const FOLD_INTERVAL_MS = HOUR_MS;
const CONFIRM_INTERVAL_MS = SECOND_MS;
/**
 * Steps of person-time are kept to the ms this far around the present: a reader clips them at its moment of reading, inside a
 * bucket. Twice the bucket, because clocks of two machines differ.
 */
const EXACT_MS = 10 * MINUTE_MS;

export interface PartitionWorkerOptions {
  readonly owned: OwnedPartition;
  readonly homesCached: number;
  readonly partition: number;
  readonly history: HomeHistory;
  readonly tell: Teller;
  /** Starts to measure a script; the answer is called when it is done. */
  readonly timeScript?: () => () => void;
}

type ChangedHomes = Map<
  string,
  BatchWrite['homes'] extends ReadonlyMap<string, infer Changed> ? Changed : never
>;

/** What a batch changes, and what must be told of it. */
interface Changes {
  readonly write: BatchWrite;
  readonly repeated: number;
  readonly told: readonly Told[];
}

/** What a batch says, by home: facts, and all that history says where the home is read again. */
interface Said {
  readonly facts: ReadonlyMap<string, readonly PlacedFact[]>;
  readonly reread: ReadonlyMap<string, readonly PlacedFact[]>;
  readonly nowMs: number;
}

const NO_HOMES: ReadonlyMap<string, readonly PlacedFact[]> = new Map();

/** Applies the batches of one partition to the live store, one at a time, in the order of each topic. */
export class PartitionWorker {
  readonly #owned: OwnedPartition;
  readonly #partition: number;
  readonly #history: HomeHistory;
  readonly #homes: LRUCache<string, CountedHome>;
  readonly #offsets: Map<string, number>;
  readonly #tell: PartitionWorkerOptions['tell'];
  readonly #timeScript: () => () => void;
  #foldedAt = -Infinity;
  #confirmedAt = -Infinity;

  constructor(options: PartitionWorkerOptions) {
    this.#owned = options.owned;
    this.#partition = options.partition;
    this.#history = options.history;
    this.#tell = options.tell;
    this.#homes = new LRUCache({ max: Math.max(1, options.homesCached) });
    const { offsets, told } = options.owned.state;
    this.#offsets = new Map([...offsets, ...told]);
    this.#timeScript = options.timeScript ?? (() => () => undefined);
  }

  /** Next offset to apply, by topic. */
  get positions(): ReadonlyMap<string, number> {
    return this.#offsets;
  }

  /**
   * The same, and 0 for those topics that have none: they are read from their beginning, because numbers from the middle of a log
   * would be wrong. Any other topic without a position is read from what its log still has.
   */
  positionsIn(topics: readonly string[]): ReadonlyMap<string, number> {
    return new Map([...topics.map((topic) => [topic, 0] as const), ...this.#offsets]);
  }

  /**
   * Apply a batch exactly once; one that was applied before is passed over, with undefined. When it throws, nothing that it
   * read or made is kept in memory.
   */
  async apply(batch: DecodedBatch, nowMs: number): Promise<AppliedBatch | undefined> {
    if (batch.next <= (this.#offsets.get(batch.topic) ?? 0)) return undefined;
    const facts =
      batch.told ?? planBatch(batch.events, (tenantId) => this.#owned.definitionsOf(tenantId));
    const keys = new Set([...facts.keys(), ...(batch.rereads?.keys() ?? [])]);
    try {
      const reread = await this.#reread(batch);
      const { write, repeated, told } = await this.#changesOf(batch, { facts, reread, nowMs });
      // First of all, so that nothing that is stored was never told. Told twice is as good as told once.
      if (told.length > 0) await this.#tell(told);
      const took = this.#timeScript();
      await this.#owned.apply(write);
      took();
      this.#offsets.set(batch.topic, batch.next);
      return { repeated, sources: batch.sources };
    } catch (error) {
      for (const key of keys) this.#homes.delete(key);
      throw error;
    }
  }

  /** Once a second, as long as there is always something to apply. Throws `store_set_back` when a rebuilt store is in use. */
  async confirmWhenDue(nowMs: number): Promise<void> {
    if (nowMs - this.#confirmedAt < CONFIRM_INTERVAL_MS) return;
    this.#confirmedAt = nowMs;
    await this.#owned.confirmGeneration();
  }

  /** Fold old steps once an hour. Between batches only: nobody else writes the partition then. */
  async foldWhenDue(nowMs: number): Promise<void> {
    if (nowMs - this.#foldedAt < FOLD_INTERVAL_MS) return;
    this.#foldedAt = nowMs;
    const sheet = foldSheet(await this.#owned.steps(), nowMs);
    if (!sheet.isEmpty) await this.#owned.addDeltas(sheet);
  }

  /** Nothing else is applied meanwhile, so history is read as of the very records that the store has. */
  async #reread({ topic, rereads }: DecodedBatch): Promise<Said['reread']> {
    if (rereads === undefined || rereads.size === 0) return NO_HOMES;
    const positions = new Map([...this.#offsets].filter(([name]) => name !== topic));
    const partition = this.#partition;
    const definitionsOf = (tenantId: string) => this.#owned.definitionsOf(tenantId);
    return this.#history.read({ partition, positions, keys: rereads.keys(), definitionsOf });
  }

  async #changesOf(batch: DecodedBatch, { facts, reread, nowMs }: Said): Promise<Changes> {
    const homes = await this.#load([...new Set([...facts.keys(), ...reread.keys()])]);
    const sheet = new DeltaSheet({ from: nowMs - EXACT_MS, to: nowMs + EXACT_MS });
    const changed: ChangedHomes = new Map();
    const statements: TenantStatement[] = [];
    const told: Told[] = [];
    let repeated = 0;
    for (const [key, known] of homes) {
      const recorded = reread.get(key);
      const remade = recorded && this.#remake(key, { known, recorded, sheet });
      const home = remade?.counted ?? known;
      repeated -= home.home.repetitions;
      const { entities: more, dispatches } = home.apply(facts.get(key) ?? [], sheet);
      repeated += home.home.repetitions;
      const entities = new Set([...(remade?.entities ?? []), ...more]);
      if (remade !== undefined) told.push(...toldAnew(key, remade, batch.rereads?.get(key) ?? []));
      if (entities.size === 0) continue;
      changed.set(key, { home: home.home, entities });
      told.push(...dispatches);
      const { tenantId } = home.owner;
      for (const statement of statementsOf(home.home, entities))
        statements.push({ ...statement, tenantId });
    }
    for (const to of staleHomes(batch.events, homes)) told.push({ to, via: [] });
    const write: BatchWrite = {
      topic: batch.topic,
      isTold: batch.told !== undefined,
      arrivedAt: batch.arrivedAt,
      expected: this.#offsets.get(batch.topic),
      next: batch.next,
      sheet,
      homes: changed,
      statements,
      sources: batch.sources,
      counts: new Map([
        [`events:${batch.topic}`, batch.records],
        [`refused:${batch.topic}`, batch.refused],
      ]),
    };
    return { write, repeated, told };
  }

  /** A home of what history has of it, and of what others have told it. */
  #remake(
    key: string,
    {
      known,
      recorded,
      sheet,
    }: { known: CountedHome; recorded: readonly PlacedFact[]; sheet: DeltaSheet },
  ): RemadeHome {
    const told = withoutErased(toldFacts(known.home), known.owner, this.#history.isErased);
    const remade = remakeHome(known, [...recorded, ...told], sheet);
    this.#homes.set(key, remade.counted);
    return remade;
  }

  async #load(keys: readonly string[]): Promise<ReadonlyMap<string, CountedHome>> {
    const found = new Map<string, CountedHome>();
    const missing: string[] = [];
    for (const key of keys) {
      const home = this.#homes.get(key);
      if (home === undefined) missing.push(key);
      else found.set(key, home);
    }
    const loaded = await this.#owned.loadHomes(missing);
    for (const [index, key] of missing.entries()) {
      const stored = loaded[index];
      if (stored === undefined) continue;
      const owner = parseHomeKey(key);
      const definitions = this.#owned.definitionsOf(owner.tenantId);
      const home = new CountedHome(stored, { ...owner, definitions });
      found.set(key, home);
      this.#homes.set(key, home);
    }
    return found;
  }
}

/** Homes that say of activity what cannot be merged. */
function staleHomes(
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

/** All that a home has to tell that was read again; those it is merged with are read again, too, each once. */
function toldAnew(
  key: string,
  { dispatches, rereads }: RemadeHome,
  via: readonly string[],
): readonly Told[] {
  const path = [...via, key];
  const others = rereads.filter((to) => !path.includes(to));
  return [...others.map((to) => ({ to, via: path })), ...dispatches];
}
