import { setImmediate } from 'node:timers/promises';

import {
  CountedHome,
  HOUR_MS,
  MINUTE_MS,
  SECOND_MS,
  Fault,
  type PlacedFact,
  foldSheet,
  parseHomeKey,
  remakeHome,
  toldFacts,
  withRoomFor,
  withoutErased,
} from '@kpi/core';
import { type OwnChange, type OwnedPartition } from '@kpi/redis';
import { type Clock } from '@kpi/runtime';
import { LRUCache } from 'lru-cache';

import { type PlacedEvent, planBatch, portionsOf } from './batch-plan.ts';
import { Changes } from './changes.ts';
import { Doubts } from './doubts.ts';
import { type Teller } from './facts-log.ts';
import { type HomeHistory } from './home-history.ts';
import { type ReadAgain, Rereading } from './rereading.ts';

/** Consecutive records of one topic, decoded. */
export interface DecodedBatch {
  readonly topic: string;
  /** Offset after the last record, refused ones included. */
  readonly next: number;
  /** Events that a KPI may read. */
  readonly events: readonly PlacedEvent[];
  /** What other homes told, by the home that they told: the topic is that of facts, and has no events. */
  readonly told?: ReadonlyMap<string, readonly PlacedFact[]>;
  /** Homes that somebody says must be read again from history. */
  readonly stale?: ReadonlySet<string>;
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
/** A partition that was just taken over has better things to do; those of one process do not fold all at once. */
const FIRST_FOLD_MS = 10 * MINUTE_MS;
const FOLD_STAGGER_MS = 10 * SECOND_MS;
const CONFIRM_INTERVAL_MS = SECOND_MS;
/** Work without a pause: the group must hear of us, and others be served. */
const WORK_MS_MAX = 50;
/** What a log says when homes cannot be read again. */
export const HINDERED = 'homes could not be read again from history, will be tried again';
export interface PartitionWorkerOptions {
  readonly owned: OwnedPartition;
  readonly homesCached: number;
  readonly partition: number;
  readonly history: HomeHistory;
  readonly tell: Teller;
  readonly clock: Clock;
  /** Starts to measure a script; the answer is called when it is done. */
  readonly timeScript?: () => () => void;
  /** Homes could not be read again from history, which will be tried again. */
  readonly onHindered?: (fault: Fault) => void;
  /** Homes are read again only when somebody waits for it: where much is applied first, once instead of again and again. */
  readonly holdsStale?: boolean;
}

/**
 * Applies the batches of one partition to the live store, one at a time, in the order of each topic. A home of which a batch says what
 * cannot be merged is read again from history between two batches, as soon as the archive has it.
 */
export class PartitionWorker {
  readonly #owned: OwnedPartition;
  readonly #partition: number;
  readonly #history: HomeHistory;
  readonly #homes: LRUCache<string, CountedHome>;
  readonly #offsets: Map<string, number>;
  /** The same of the topic of facts. */
  readonly #told: Map<string, number>;
  readonly #tell: PartitionWorkerOptions['tell'];
  readonly #timeScript: () => () => void;
  readonly #clock: Clock;
  readonly #rereading: Rereading;
  /** The end of what is being written: one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether nobody knows if the store has the last batch: it is asked for again, and then the store tells. */
  #isUncertain = false;
  /** Homes that were made anew, of which each has a version of its own. */
  #remade = 0;
  #foldAt: number | undefined;
  #confirmedAt = -Infinity;

  constructor(options: PartitionWorkerOptions) {
    this.#owned = options.owned;
    this.#partition = options.partition;
    this.#history = options.history;
    this.#tell = options.tell;
    this.#clock = options.clock;
    this.#homes = new LRUCache({ max: Math.max(1, options.homesCached) });
    const { offsets, told, stale } = options.owned.state;
    this.#offsets = new Map(offsets);
    this.#told = new Map(told);
    this.#timeScript = options.timeScript ?? (() => () => undefined);
    this.#rereading = new Rereading({
      stale,
      read: (keys, signal) => this.#readAgain(keys, signal),
      take: (collect) => this.#inTurn(() => this.#take(collect())),
      onHindered: options.onHindered ?? (() => undefined),
      isHeld: options.holdsStale ?? false,
    });
    this.#rereading.begin();
  }

  /** Next offset to apply, by topic. */
  get positions(): ReadonlyMap<string, number> {
    return new Map([...this.#offsets, ...this.#told]);
  }

  /** How many homes must be read again from history. */
  get stale(): number {
    return this.#rereading.stale;
  }

  /**
   * The same, and 0 for those topics that have none: they are read from their beginning, because numbers from the middle of a log
   * would be wrong. Any other topic without a position is read from what its log still has.
   */
  positionsIn(topics: readonly string[]): ReadonlyMap<string, number> {
    return new Map([...topics.map((topic) => [topic, 0] as const), ...this.positions]);
  }

  /**
   * Apply a batch exactly once; one that was applied before is passed over, with undefined. When it throws, nothing that it
   * read or made is kept in memory.
   */
  apply(batch: DecodedBatch, nowMs: number): Promise<AppliedBatch | undefined> {
    return this.#inTurn(() => this.#apply(batch, nowMs));
  }

  /** Once a second, as long as there is always something to apply. Throws `store_set_back` when a rebuilt store is in use. */
  async confirmWhenDue(nowMs: number): Promise<void> {
    if (nowMs - this.#confirmedAt < CONFIRM_INTERVAL_MS) return;
    this.#confirmedAt = nowMs;
    await this.#owned.confirmGeneration();
  }

  /** Whether the store still is where this worker left it. Throws as {@link apply} does. */
  confirm(): Promise<void> {
    return this.#inTurn(() => this.#owned.confirm());
  }

  /** Fold old steps once an hour, for the first time some minutes after the first call. */
  async foldWhenDue(nowMs: number): Promise<void> {
    this.#foldAt ??= nowMs + FIRST_FOLD_MS + this.#partition * FOLD_STAGGER_MS;
    if (nowMs < this.#foldAt) return;
    this.#foldAt = nowMs + FOLD_INTERVAL_MS;
    await this.#inTurn(async () => {
      const sheet = foldSheet(await this.#owned.steps(), nowMs);
      if (!sheet.isEmpty) await this.#owned.addDeltas(sheet);
    });
  }

  /** Resolves when the homes that are stale now were read again. */
  settled(signal: AbortSignal): Promise<void> {
    return this.#rereading.settled(signal);
  }

  /** Ends what goes on between batches. */
  close(): Promise<void> {
    return this.#rereading.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => {
      this.#rereading.check();
      return work();
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #apply(batch: DecodedBatch, nowMs: number): Promise<AppliedBatch | undefined> {
    const { topic, next, told, sources } = batch;
    const offsets = told === undefined ? this.#offsets : this.#told;
    if (next <= (offsets.get(topic) ?? 0)) return undefined;
    const facts =
      told ?? planBatch(batch.events, (tenantId) => this.#owned.definitionsOf(tenantId));
    try {
      const changes = new Changes(nowMs);
      const doubts = new Doubts(batch.events);
      let repeated = 0;
      let begun = performance.now();
      for (const keys of portionsOf(facts)) {
        for (const [key, known] of await this.#load(keys)) {
          const said = facts.get(key) ?? [];
          const home = told === undefined ? known : this.#withRoom(key, { known, said, changes });
          repeated -= home.home.repetitions;
          changes.add(key, home, home.apply(said, changes.sheet));
          repeated += home.home.repetitions;
          doubts.note(key, home);
          if (performance.now() - begun < WORK_MS_MAX) continue;
          await setImmediate();
          begun = performance.now();
        }
      }
      const stale = new Set([...(batch.stale ?? []), ...changes.stale, ...doubts.stale()]);
      this.#isUncertain = true;
      await this.#write(changes, (write) =>
        this.#owned.apply({
          ...write,
          topic,
          isTold: told !== undefined,
          arrivedAt: batch.arrivedAt,
          expected: offsets.get(topic),
          next,
          sources,
          counts: new Map([
            [`events:${topic}`, batch.records],
            [`refused:${topic}`, batch.refused],
          ]),
          stale: new Map([...stale].map((key) => [key, true])),
        }),
      );
      this.#isUncertain = false;
      offsets.set(topic, next);
      this.#rereading.note(stale, told === undefined ? facts : NOTHING);
      return { repeated, sources };
    } catch (error) {
      for (const key of facts.keys()) this.#homes.delete(key);
      throw error;
    }
  }

  /** What homes are told goes first of all, so that nothing that is stored was never told. Told twice is as good as told once. */
  async #write(
    { sheet, homes, statements, dispatches }: Changes,
    store: (write: OwnChange) => Promise<void>,
  ): Promise<void> {
    const { generation } = this.#owned;
    if (dispatches.length > 0) await this.#tell({ generation, dispatches, stale: [] });
    const took = this.#timeScript();
    await store({ sheet, homes, statements });
    took();
  }

  /** History as of the very records that the store has. */
  #readAgain(keys: readonly string[], signal: AbortSignal): Promise<ReadAgain['facts']> {
    return this.#history.read({
      partition: this.#partition,
      positions: new Map(this.#offsets),
      keys,
      definitionsOf: (tenantId) => this.#owned.definitionsOf(tenantId),
      signal,
    });
  }

  /** Homes of what history has of them, and of what others have told them. */
  async #take({ facts, stillStale }: ReadAgain): Promise<void> {
    // What that batch says would be in the stored home, and neither in what history had nor in what was kept since.
    if (this.#isUncertain)
      throw new Fault('store_unreachable', 'a batch that may be stored is asked for again first');
    try {
      const homes = await this.#load([...facts.keys()]);
      const changes = new Changes(this.#clock());
      for (const [key, known] of homes) {
        const told = withoutErased(toldFacts(known.home), known.owner, this.#history.isErased);
        const version = this.#nextVersion();
        const all = [...(facts.get(key) ?? []), ...told];
        const remade = remakeHome(known, { facts: all, version }, changes.sheet);
        this.#homes.set(key, remade.counted);
        changes.add(key, remade.counted, remade);
        // Making a home anew takes as long as many batches.
        await setImmediate();
      }
      const stale = new Map([...facts.keys()].map((key) => [key, stillStale.has(key)]));
      await this.#write(changes, (write) => this.#owned.change({ ...write, stale }));
    } catch (error) {
      for (const key of facts.keys()) this.#homes.delete(key);
      throw error;
    }
  }

  /** A home that does not prefer what is of who was erased to what it is told. */
  #withRoom(key: string, { known, said, changes }: Told): CountedHome {
    const { isErased } = this.#history;
    const remade = withRoomFor(
      said,
      { counted: known, isErased },
      { nextVersion: () => this.#nextVersion(), sheet: changes.sheet },
    );
    if (remade === undefined) return known;
    this.#homes.set(key, remade.counted);
    changes.add(key, remade.counted, remade);
    return remade.counted;
  }

  /** Versions of an earlier owner are those of an earlier epoch. */
  #nextVersion(): number {
    this.#remade += 1;
    return this.#owned.state.epoch + this.#remade;
  }

  /** Homes to be changed, as the store has them. */
  async #load(keys: readonly string[]): Promise<ReadonlyMap<string, CountedHome>> {
    await this.#owned.catchUp();
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

interface Told {
  readonly known: CountedHome;
  readonly said: readonly PlacedFact[];
  readonly changes: Changes;
}

const NOTHING: ReadonlyMap<string, readonly PlacedFact[]> = new Map();
