import {
  CountedHome,
  type Definitions,
  DeltaSheet,
  factsOf,
  parseHomeKey,
  statementsOf,
} from '@kpi/core';
import { partitionOf, recordKey } from '@kpi/kafka';
import {
  type BatchWrite,
  LiveStore,
  LiveView,
  type OwnedPartition,
  type RedisClient,
} from '@kpi/redis';
import { createLog } from '@kpi/runtime';

import { type LoggedEvent } from './core-engine.ts';

const PARTITIONS = 3;
const TOPIC = 'kpi.drawn.v1';
/** Every so many batches another worker takes a partition over. */
const BATCHES_PER_OWNER = 3;

interface LiveEngineOptions {
  readonly client: RedisClient;
  readonly prefix: string;
}

/**
 * The live store fed with batches as aggregate does, with nothing kept in memory between them: homes come from Redis every
 * time, every batch is written twice, and partitions change hands.
 */
export class LiveEngine {
  readonly #store: LiveStore;
  readonly #view: LiveView;
  readonly #owned = new Map<number, OwnedPartition>();
  readonly #offsets = new Map<number, number>();
  #batches = 0;

  constructor({ client, prefix }: LiveEngineOptions) {
    this.#store = new LiveStore({ client, prefix });
    this.#view = new LiveView({
      client,
      prefix,
      partitions: PARTITIONS,
      log: createLog({ name: 'test', level: 'silent' }),
      clock: () => 0,
    });
  }

  async apply(batch: readonly LoggedEvent[], definitions: Definitions): Promise<void> {
    const byPartition = Map.groupBy(batch, ({ event }) =>
      partitionOf(recordKey(event), PARTITIONS),
    );
    for (const [partition, members] of byPartition) {
      const owned = await this.#ownerOf(partition);
      const write = await this.#writeOf(owned, { partition, members, definitions });
      await owned.apply(write);
      await owned.apply(write);
      this.#offsets.set(partition, write.next);
    }
  }

  /** The answers of a reader that loads everything now. */
  async view(): Promise<LiveView> {
    await this.#view.reload();
    return this.#view;
  }

  async #ownerOf(partition: number): Promise<OwnedPartition> {
    this.#batches += 1;
    const held = this.#owned.get(partition);
    if (held !== undefined && this.#batches % BATCHES_PER_OWNER !== 0) return held;
    const owned = await this.#store.claim(partition, `worker-${this.#batches}`);
    this.#owned.set(partition, owned);
    return owned;
  }

  async #writeOf(
    owned: OwnedPartition,
    work: { partition: number; members: readonly LoggedEvent[]; definitions: Definitions },
  ): Promise<BatchWrite> {
    const { partition, members, definitions } = work;
    const byHome = Map.groupBy(members, ({ event }) => recordKey(event));
    const keys = [...byHome.keys()];
    const homes = await owned.loadHomes(keys);
    const sheet = new DeltaSheet();
    const changed = keys.flatMap((key, index) => {
      const home = homes[index];
      if (home === undefined) throw new RangeError('a home was not loaded');
      const owner = parseHomeKey(key);
      const facts = (byHome.get(key) ?? []).flatMap(({ event, offset }) =>
        factsOf(event, offset, definitions),
      );
      const entities = new CountedHome(home, { ...owner, definitions }).apply(facts, sheet);
      const { tenantId } = owner;
      const statements = statementsOf(home, entities).map((one) => ({ ...one, tenantId }));
      return entities.size === 0 ? [] : [{ key, home, entities, statements }];
    });
    const offset = this.#offsets.get(partition);
    return {
      topic: TOPIC,
      expected: offset,
      next: (offset ?? 0) + members.length,
      sheet,
      homes: new Map(changed.map(({ key, home, entities }) => [key, { home, entities }])),
      statements: changed.flatMap(({ statements }) => statements),
      sources: new Map(),
      counts: new Map(),
    };
  }
}
