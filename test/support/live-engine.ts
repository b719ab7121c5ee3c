import {
  CountedHome,
  type Definitions,
  DeltaSheet,
  type Dispatch,
  type Home,
  factsOf,
  factsOfHistory,
  mustReread,
  parseHomeKey,
  remakeHome,
  statementsOf,
  toldFacts,
} from '@kpi/core';
import { partitionOf, recordKeys } from '@kpi/kafka';
import {
  type BatchWrite,
  LiveStore,
  LiveView,
  type OwnedPartition,
  type RedisClient,
  storedText,
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
  readonly #history = new Map<string, LoggedEvent[]>();
  /** Homes that must be read again. */
  readonly #stale = new Set<string>();
  #batches = 0;
  #version = 0;

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
    const said = batch.flatMap(({ event, offset }) => {
      const facts = factsOf(event, offset, definitions);
      return recordKeys(event).map((to) => ({ to, facts }));
    });
    for (const one of batch)
      for (const key of recordKeys(one.event))
        this.#history.set(key, [...(this.#history.get(key) ?? []), one]);
    for (let told: readonly Dispatch[] = said; told.length > 0;)
      told = await this.#takeAll(told, definitions);
    await this.#noteStale(batch);
    for (const key of this.#stale) {
      this.#stale.delete(key);
      await this.#reread(key, definitions);
    }
  }

  /** Homes of which a batch says what cannot be merged. */
  async #noteStale(batch: readonly LoggedEvent[]): Promise<void> {
    const keyed = batch.flatMap(({ event }) => recordKeys(event).map((key) => ({ key, event })));
    for (const { key, event } of keyed) {
      const owned = await this.#ownerOf(partitionOf(key, PARTITIONS));
      const [home] = await owned.loadHomes([key]);
      if (mustReread(event, home)) this.#stale.add(key);
    }
  }

  async #reread(key: string, definitions: Definitions): Promise<void> {
    const partition = partitionOf(key, PARTITIONS);
    const owned = await this.#ownerOf(partition);
    const [home] = await owned.loadHomes([key]);
    if (home === undefined) throw new RangeError('a home was not loaded');
    const sheet = new DeltaSheet();
    const recorded = factsOfHistory(this.#history.get(key) ?? [], definitions);
    const former = new CountedHome(home, { ...parseHomeKey(key), definitions });
    const facts = [...recorded, ...toldFacts(home)];
    this.#version += 1;
    const remade = remakeHome(former, { facts, version: this.#version }, sheet);
    const { counted, entities } = remade;
    const offset = this.#offsets.get(partition);
    const next = (offset ?? 0) + 1;
    await owned.apply({
      topic: TOPIC,
      expected: offset,
      next,
      sheet,
      homes: new Map([[key, textsOf(counted.home, entities)]]),
      statements: [],
      sources: new Map(),
      counts: new Map(),
    });
    this.#offsets.set(partition, next);
    for (let told = remade.dispatches; told.length > 0;)
      told = await this.#takeAll(told, definitions);
  }

  /** Facts that homes are told of; answers with what they then tell others. */
  async #takeAll(
    told: readonly Dispatch[],
    definitions: Definitions,
  ): Promise<readonly Dispatch[]> {
    const dispatches: Dispatch[] = [];
    for (const [partition, members] of Map.groupBy(told, ({ to }) => partitionOf(to, PARTITIONS))) {
      const owned = await this.#ownerOf(partition);
      const { write, sent } = await this.#writeOf(owned, { partition, members, definitions });
      await owned.apply(write);
      await owned.apply(write);
      this.#offsets.set(partition, write.next);
      dispatches.push(...sent);
    }
    return dispatches;
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
    work: { partition: number; members: readonly Dispatch[]; definitions: Definitions },
  ): Promise<{ readonly write: BatchWrite; readonly sent: readonly Dispatch[] }> {
    const { partition, members, definitions } = work;
    const byHome = Map.groupBy(members, ({ to }) => to);
    const keys = [...byHome.keys()];
    const homes = await owned.loadHomes(keys);
    const sheet = new DeltaSheet();
    const changed = keys.map((key, index) => {
      const home = homes[index];
      if (home === undefined) throw new RangeError('a home was not loaded');
      const owner = parseHomeKey(key);
      const facts = (byHome.get(key) ?? []).flatMap((one) => one.facts);
      const change = new CountedHome(home, { ...owner, definitions }).apply(facts, sheet);
      if (change.releasesHistory) this.#stale.add(key);
      const { tenantId } = owner;
      const statements = statementsOf(home, change.entities).map((one) => ({ ...one, tenantId }));
      return { key, home, ...change, statements };
    });
    const offset = this.#offsets.get(partition);
    const write: BatchWrite = {
      topic: TOPIC,
      expected: offset,
      next: (offset ?? 0) + members.length,
      sheet,
      homes: new Map(
        changed
          .filter(({ entities }) => entities.size > 0)
          .map(({ key, home, entities }) => [key, textsOf(home, entities)]),
      ),
      statements: changed.flatMap(({ statements }) => statements),
      sources: new Map(),
      counts: new Map(),
    };
    return { write, sent: changed.flatMap(({ dispatches }) => dispatches) };
  }
}

function textsOf(home: Home, entities: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...entities].map((entity) => [entity, storedText(home.facts(entity))]));
}
