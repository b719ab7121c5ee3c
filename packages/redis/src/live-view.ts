import {
  type ComponentRow,
  type Definitions,
  type DefinitionsByTenant,
  Fault,
  type KpiQuery,
  SeriesIndex,
  definitionsFor,
} from '@kpi/core';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { type RedisClient } from './connection.ts';
import { currentGeneration } from './generation.ts';
import { placeOf } from './log-place.ts';
import { partitionKeys } from './partition-keys.ts';
import { PartitionView } from './partition-view.ts';
import { parseSourceField } from './store-fields.ts';
import { definitionsOfGeneration } from './tenant-definitions.ts';

/** How often the changes are read. A fifth of the freshness promised at the median. */
const FOLLOW_INTERVAL_MS = 100;
/** Rest after a failed read: Redis is away, and asking faster does not bring it back. */
const RETRY_INTERVAL_MS = 1_000;
const LOAD_ATTEMPTS = 3;

export interface LiveViewOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly partitions: number;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called when a batch was followed, with the arrival of its first record in the log, ms. */
  readonly onArrival?: (arrivedAt: number) => void;
}

/** Where a live answer stands: what was applied, per topic and partition. */
export interface LivePosition {
  readonly partition: number;
  readonly offsets: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
  /** How many homes had to be read again from history when everything was loaded last. */
  readonly stale: number;
}

/** One generation of the store, in memory. */
interface Contents {
  readonly generation: number;
  readonly definitions: DefinitionsByTenant;
  readonly index: SeriesIndex;
  readonly sources: Map<string, number>;
  readonly partitions: readonly PartitionView[];
}

const NOTHING: Contents = {
  generation: 0,
  definitions: new Map(),
  index: new SeriesIndex(),
  sources: new Map(),
  partitions: [],
};

/**
 * The live numbers in memory: every partition's deltas, merged, a tenth of a second behind the store. Any process may keep
 * one; reading never touches Redis. When a rebuilt store comes into use, answers are those of the old one until the new one
 * has applied as much: no value goes back in time.
 */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #stop = new AbortController();
  #contents: Contents = NOTHING;
  /** A generation that is in use by now, while it has not yet applied as much as the contents. */
  #next: Contents | undefined;
  #following: Promise<void> = Promise.resolve();
  #freshAt = 0;

  constructor(options: LiveViewOptions) {
    this.#options = options;
  }

  /** Load all partitions and keep up with them until {@link close}. Throws `store_unreachable`. */
  async open(): Promise<void> {
    await this.reload();
    this.#following = this.#follow();
  }

  /** Read everything anew; answers switch over at once when it is complete. */
  async reload(): Promise<void> {
    const { client, prefix } = this.#options;
    this.#adopt(await this.#load(await currentGeneration({ client, prefix })));
  }

  async #load(generation: number): Promise<Contents> {
    const { client, prefix, partitions } = this.#options;
    const definitions = await definitionsOfGeneration({ client, prefix }, generation);
    const index = new SeriesIndex();
    const sources = new Map<string, number>();
    const target = {
      index,
      onSource: (field: string, at: number): void =>
        void sources.set(field, Math.max(at, sources.get(field) ?? at)),
      onArrival: (at: number): void => this.#options.onArrival?.(at),
    };
    const views = Array.from(
      { length: partitions },
      (_, partition) =>
        new PartitionView(client, partitionKeys(prefix, partition, generation), target),
    );
    for (const view of views) await this.#loadOne(view);
    return { generation, definitions, index, sources, partitions: views };
  }

  /** One partition after the other, each in several attempts: with many it would be much to begin again for one that had no answer. */
  async #loadOne(view: PartitionView): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await view.load();
        return;
      } catch (error) {
        if (!isRetryable(error) || attempt === LOAD_ATTEMPTS) throw error;
        await pause(RETRY_INTERVAL_MS, signal);
      }
    }
  }

  #adopt(contents: Contents): void {
    this.#contents = contents;
    this.#next = undefined;
    this.#freshAt = this.#options.clock();
  }

  /** When the view last agreed with the store, ms. */
  get freshAt(): number {
    return this.#freshAt;
  }

  /** The generation of the store that answers come from. */
  get generation(): number {
    return this.#contents.generation;
  }

  /** By what the tenant's numbers are counted that answers come from. */
  definitionsOf(tenantId: string): Definitions {
    return definitionsFor(this.#contents.definitions, tenantId);
  }

  canAnswer(query: KpiQuery): boolean {
    return this.#contents.index.canAnswer(query);
  }

  read(query: KpiQuery): readonly ComponentRow[] {
    return this.#contents.index.read(query);
  }

  /** Latest event time by source, of those sources that sent one of the event types. */
  lastEvents(tenantId: string, eventTypes: readonly string[]): ReadonlyMap<string, number> {
    const latest = new Map<string, number>();
    for (const [field, at] of this.#contents.sources) {
      const source = parseSourceField(field);
      if (source.tenantId !== tenantId || !eventTypes.includes(source.eventType)) continue;
      latest.set(source.source, Math.max(at, latest.get(source.source) ?? at));
    }
    return latest;
  }

  /** Latest event time by source, whatever it sent. */
  sources(tenantId: string): ReadonlyMap<string, number> {
    const latest = new Map<string, number>();
    for (const [field, at] of this.#contents.sources) {
      const source = parseSourceField(field);
      if (source.tenantId !== tenantId) continue;
      latest.set(source.source, Math.max(at, latest.get(source.source) ?? at));
    }
    return latest;
  }

  /** Every tenant that ever sent an event, in order. */
  tenants(): readonly string[] {
    return [
      ...new Set(
        [...this.#contents.sources.keys()].map((field) => parseSourceField(field).tenantId),
      ),
    ].toSorted();
  }

  /** What has been applied, by partition. */
  positions(): readonly LivePosition[] {
    return this.#contents.partitions.map(({ offsets, counts, stale }, partition) => ({
      partition,
      offsets,
      counts,
      stale,
    }));
  }

  /** Offset before which everything is applied, by `topic:partition`. */
  bound(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.positions().flatMap(({ partition, offsets }) =>
        [...offsets].map(([topic, offset]) => [placeOf(topic, partition), offset]),
      ),
    );
  }

  /** A number that rises whenever anything changed. */
  get sequence(): number {
    return this.#contents.partitions.reduce((sum, view) => sum + view.sequence, 0);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#followOnce();
        await pause(FOLLOW_INTERVAL_MS, signal);
      } catch (error) {
        log.warn({ err: error }, 'live view cannot read the store');
        await pause(RETRY_INTERVAL_MS, signal);
        // What has no answer is asked for again, from where it was.
        if (isRetryable(error)) continue;
        await this.reload().catch((again: unknown) =>
          log.warn({ err: again }, 'live view cannot load the store'),
        );
      }
    }
  }

  async #followOnce(): Promise<void> {
    const { client, prefix } = this.#options;
    const generation = await currentGeneration({ client, prefix });
    const isKept = await follow(this.#contents);
    if (generation !== this.#contents.generation) await this.#approach(generation);
    else if (isKept) this.#freshAt = this.#options.clock();
    else await this.reload();
  }

  /** Take in the generation in use, and switch to it once nothing of what is known would be missing. */
  async #approach(generation: number): Promise<void> {
    const isFollowed = this.#next?.generation === generation && (await follow(this.#next));
    if (this.#next === undefined || !isFollowed) this.#next = await this.#load(generation);
    if (reaches(this.#next, this.#contents)) this.#adopt(this.#next);
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Fault && error.retryable;
}

/** False when a load is due. */
async function follow({ partitions }: Contents): Promise<boolean> {
  const taken = await Promise.all(partitions.map((view) => view.follow()));
  return !taken.includes(undefined);
}

/** Whether `next` has applied all that `known` has. */
function reaches(next: Contents, known: Contents): boolean {
  return known.partitions.every(({ offsets }, partition) =>
    [...offsets].every(
      ([topic, offset]) => (next.partitions[partition]?.offsets.get(topic) ?? 0) >= offset,
    ),
  );
}
