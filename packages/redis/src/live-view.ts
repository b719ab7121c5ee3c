import { type ComponentRow, type KpiQuery, type RateTable, SeriesIndex } from '@kpi/core';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { type RedisClient } from './connection.ts';
import { partitionKeys } from './partition-keys.ts';
import { PartitionView } from './partition-view.ts';
import { parseSourceField } from './store-fields.ts';

/** How often the changes are read. A fifth of the freshness promised at the median. */
const FOLLOW_INTERVAL_MS = 100;
/** Rest after a failed read: Redis is away, and asking faster does not bring it back. */
const RETRY_INTERVAL_MS = 1_000;

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
}

/**
 * The live numbers in memory: every partition's deltas, merged, a tenth of a second behind the store. Any process may keep
 * one; reading never touches Redis.
 */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #stop = new AbortController();
  #index = new SeriesIndex();
  #sources = new Map<string, number>();
  #partitions: readonly PartitionView[] = [];
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
    const { client, prefix, partitions, clock } = this.#options;
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
      (_, partition) => new PartitionView(client, partitionKeys(prefix, partition), target),
    );
    for (const view of views) await view.load();
    this.#index = index;
    this.#sources = sources;
    this.#partitions = views;
    this.#freshAt = clock();
  }

  /** When the view last agreed with the store, ms. */
  get freshAt(): number {
    return this.#freshAt;
  }

  canAnswer(query: KpiQuery): boolean {
    return this.#index.canAnswer(query);
  }

  read(query: KpiQuery): readonly ComponentRow[] {
    return this.#index.read(query);
  }

  rates(tenantId: string): RateTable {
    return this.#index.rates(tenantId);
  }

  /** Latest event time by source, of those sources that sent one of the event types. */
  lastEvents(tenantId: string, eventTypes: readonly string[]): ReadonlyMap<string, number> {
    const latest = new Map<string, number>();
    for (const [field, at] of this.#sources) {
      const source = parseSourceField(field);
      if (source.tenantId !== tenantId || !eventTypes.includes(source.eventType)) continue;
      latest.set(source.source, Math.max(at, latest.get(source.source) ?? at));
    }
    return latest;
  }

  /** Latest event time by source, whatever it sent. */
  sources(tenantId: string): ReadonlyMap<string, number> {
    const latest = new Map<string, number>();
    for (const [field, at] of this.#sources) {
      const source = parseSourceField(field);
      if (source.tenantId !== tenantId) continue;
      latest.set(source.source, Math.max(at, latest.get(source.source) ?? at));
    }
    return latest;
  }

  /** Every tenant that ever sent an event, in order. */
  tenants(): readonly string[] {
    return [
      ...new Set([...this.#sources.keys()].map((field) => parseSourceField(field).tenantId)),
    ].toSorted();
  }

  /** What has been applied, by partition. */
  positions(): readonly LivePosition[] {
    return this.#partitions.map(({ offsets, counts }, partition) => ({
      partition,
      offsets,
      counts,
    }));
  }

  /** Offset before which everything is applied, by `topic:partition`. */
  bound(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.positions().flatMap(({ partition, offsets }) =>
        [...offsets].map(([topic, offset]) => [`${topic}:${partition}`, offset]),
      ),
    );
  }

  /** A number that rises whenever anything changed. */
  get sequence(): number {
    return this.#partitions.reduce((sum, view) => sum + view.sequence, 0);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { log, clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const taken = await Promise.all(this.#partitions.map((view) => view.follow()));
        if (taken.includes(undefined)) await this.reload();
        else this.#freshAt = clock();
        await pause(FOLLOW_INTERVAL_MS, signal);
      } catch (error) {
        log.warn({ err: error }, 'live view cannot read the store');
        await pause(RETRY_INTERVAL_MS, signal);
        await this.reload().catch((again: unknown) =>
          log.warn({ err: again }, 'live view cannot load the store'),
        );
      }
    }
  }
}
