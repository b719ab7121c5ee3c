import {
  type Definitions,
  type DefinitionsByTenant,
  DeltaSheet,
  Fault,
  Home,
  definitionsFor,
} from '@kpi/core';

import { type RedisClient, reach, reachAll } from './connection.ts';
import { type PartitionKeys, deltaFields, parseDeltaField } from './partition-keys.ts';
import {
  OFFSET,
  type PartitionState,
  STALE,
  TOLD,
  parsePartitionState,
  wholeNumber,
} from './partition-state.ts';
import { READ_HASH, pairsOf, recordOf } from './redis-hash.ts';
import { loadScript, runScript } from './script.ts';
import { type TenantStatement, statementField } from './store-fields.ts';
import { FactsText } from './stored-facts.ts';

const APPLY = loadScript('apply-batch');
const LOAD = loadScript('load-homes');

/** Readers that fall behind by more batches than this load the partition anew. */
const CHANGES_MAX = 2_000;

/** Everything one batch of a topic partition changes. */
export interface BatchWrite {
  readonly topic: string;
  /** The topic is that of facts, which no reader asks about. */
  readonly isTold?: boolean;
  /** Offset that must be stored for the topic; undefined for its first batch. */
  readonly expected: number | undefined;
  readonly next: number;
  readonly sheet: DeltaSheet;
  /** By home key, changed entities and their {@link storedText}; a home with nothing changed is absent. */
  readonly homes: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly statements: readonly TenantStatement[];
  /** Latest `occurred_at` by {@link sourceField}. */
  readonly sources: ReadonlyMap<string, number>;
  /** Added to the counts of the partition, such as `events:<topic>`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Arrival of the first record in the log, ms: readers tell from it how far behind they are. */
  readonly arrivedAt?: number | undefined;
  /** Homes that must be read again from history from now on, or no longer, by key. */
  readonly stale?: ReadonlyMap<string, boolean>;
}

/** What no record causes. */
export type OwnChange = Pick<BatchWrite, 'sheet' | 'homes' | 'statements' | 'stale'>;

export interface OwnedOptions {
  readonly client: RedisClient;
  readonly keys: PartitionKeys;
  readonly state: PartitionState;
  /** Names of its series by their numbers, as {@link READ_HASH} answers. */
  readonly names: unknown;
  readonly generation: number;
  /** Those of the generation that was claimed. */
  readonly definitions: DefinitionsByTenant;
  /** Whether the generation that was claimed is still the one in use. */
  readonly isCurrent: () => Promise<boolean>;
}

/** One partition in the hands of one owner, until another claims it. */
export class OwnedPartition {
  readonly state: PartitionState;
  readonly #client: RedisClient;
  readonly #keys: PartitionKeys;
  /** That of the store that was claimed. */
  readonly generation: number;
  /** What every tenant's numbers in it are counted by. */
  readonly definitions: DefinitionsByTenant;
  readonly #isCurrent: () => Promise<boolean>;
  #seriesNumbers: Map<string, number>;
  #nextSeries: number;
  /** Number of the last change that this owner knows of. */
  #sequence: number;
  /** False after a write whose outcome is unknown. */
  #isInStep = true;

  constructor(options: OwnedOptions) {
    this.#client = options.client;
    this.#keys = options.keys;
    this.generation = options.generation;
    this.definitions = options.definitions;
    this.#isCurrent = options.isCurrent;
    this.state = options.state;
    this.#sequence = options.state.sequence;
    this.#seriesNumbers = numbersOf(options.names);
    this.#nextSeries = nextNumber(this.#seriesNumbers);
  }

  /** By what a tenant's numbers are counted here, as long as the partition is owned. */
  definitionsOf(tenantId: string): Definitions {
    return definitionsFor(this.definitions, tenantId);
  }

  /** The stored homes of these keys, in order; an unknown home is empty. One round trip. Throws `store_unreachable`. */
  async loadHomes(homeKeys: readonly string[]): Promise<readonly Home[]> {
    if (homeKeys.length === 0) return [];
    const keys = homeKeys.map((key) => this.#keys.home(key));
    const found = await runScript(this.#client, LOAD, { keys, args: [] });
    if (!Array.isArray(found) || found.length !== keys.length)
      throw new Fault('store_corrupt', 'homes were not answered one by one');
    return found.map(homeOf);
  }

  /**
   * After a write whose outcome is unknown: learn whether it came, and see to it that it does not come any more. Everything that is
   * read in order to be changed is read after this: what was read while such a write was under way is not what it leaves.
   * Nothing to do after any other write. Throws `ownership_lost`, `store_set_back`, `store_unreachable`.
   */
  async catchUp(): Promise<void> {
    if (this.#isInStep) return;
    await this.#resume();
    // The write expects the number of changes that was just found, or an earlier one: one change more, and it is refused.
    await this.change({ sheet: new DeltaSheet(), homes: new Map(), statements: [] });
  }

  /**
   * Apply a batch, once: repeating a batch that was applied changes nothing. After a write whose outcome is unknown,
   * {@link catchUp} comes first. Throws `ownership_lost` when another worker claimed the partition, `store_set_back` when the store
   * is older than this owner, `store_corrupt` when it is ahead of what this owner wrote.
   */
  async apply(batch: BatchWrite): Promise<void> {
    if (!this.#isInStep)
      throw new RangeError(
        'nobody knows what the last write did: what it may have changed is read first',
      );
    const call = this.#callOf(batch);
    this.#isInStep = false;
    const answer = await runScript(this.#client, APPLY, call.script);
    const [outcome, found = 0] = Array.isArray(answer)
      ? answer.map((one) => wholeNumber('answer', one))
      : [];
    if (outcome === 2 && found === batch.next) return this.#resume();
    this.#isInStep = true;
    if (outcome === 0) throw this.#displaced(found);
    if (outcome !== 1) throw await this.#outOfStep(batch, found);
    this.#took(call.added);
  }

  /**
   * Whether the store still is where this owner left it; it may have failed over to a replica that had not everything.
   * Throws `store_set_back`, `ownership_lost`, `store_unreachable`. Not while {@link apply} runs.
   */
  async confirm(): Promise<void> {
    if (!this.#isInStep) return;
    const place = await reach(
      'confirm partition',
      this.#client.hmget(this.#keys.owner, 'epoch', 'sequence'),
    );
    const [epoch = 0, sequence = 0] = place.map((one) => wholeNumber('place', one ?? 0));
    if (epoch !== this.state.epoch) throw this.#displaced(epoch);
    if (sequence < this.#sequence) throw this.#setBack();
    await this.confirmGeneration();
  }

  /** Throws `store_set_back` when a rebuilt store is in use by now: the partition must be opened anew there. */
  async confirmGeneration(): Promise<void> {
    if (!(await this.#isCurrent()))
      throw new Fault('store_set_back', `${this.#keys.owner} is of a generation that was replaced`);
  }

  #took(added: readonly (readonly [name: string, number: number])[]): void {
    for (const [name, number] of added) this.#seriesNumbers.set(name, number);
    this.#nextSeries += added.length;
    this.#sequence += 1;
  }

  /** Why the store names another epoch. Epochs only rise, so a lower one is that of a store that was restored or emptied. */
  #displaced(epoch: number): Fault {
    const { owner } = this.#keys;
    return epoch > this.state.epoch
      ? new Fault('ownership_lost', `another worker owns ${owner}`)
      : this.#setBack();
  }

  #setBack(): Fault {
    const { owner } = this.#keys;
    return new Fault('store_set_back', `${owner} is older than its owner: a restore or a failover`);
  }

  /** Why neither the expected offset nor the one after the batch is stored, or the number of changes is another. */
  async #outOfStep(batch: BatchWrite, found: number): Promise<Fault> {
    const written = this.#sequence;
    const sequence = await reach('read place', this.#client.hget(this.#keys.owner, 'sequence'));
    if (wholeNumber('sequence', sequence ?? 0) < written) return this.#setBack();
    const { topic, expected } = batch;
    const place = topic === '' ? 'sequence' : `${topic}: offset`;
    const wanted = expected === undefined ? 'none' : String(expected);
    return new Fault('store_corrupt', `${place} ${found} is stored, ${wanted} was expected`);
  }

  /** Learn from the store where it stands: after a write that had no answer, or is a repetition. */
  async #resume(): Promise<void> {
    const { owner, series } = this.#keys;
    const pipeline = this.#client.multi().hgetall(owner).call(READ_HASH, series);
    const [stored, names] = await reachAll('resume partition', pipeline);
    const state = parsePartitionState(recordOf(stored));
    if (state.epoch !== this.state.epoch) throw this.#displaced(state.epoch);
    if (state.sequence < this.#sequence) throw this.#setBack();
    this.#sequence = state.sequence;
    this.#seriesNumbers = numbersOf(names);
    this.#nextSeries = nextNumber(this.#seriesNumbers);
    this.#isInStep = true;
  }

  /**
   * Every step of every series of the partition. Throws `ownership_lost` when another owner came: its series may have no name
   * here; `store_set_back`, `store_unreachable`.
   */
  async steps(): Promise<readonly (readonly [series: string, boundary: number, weight: number])[]> {
    await this.catchUp();
    const { owner, deltas } = this.#keys;
    const pipeline = this.#client.multi().hget(owner, 'epoch').call(READ_HASH, deltas);
    const [epoch, steps] = await reachAll('read deltas', pipeline);
    const found = wholeNumber('epoch', epoch ?? 0);
    if (found !== this.state.epoch) throw this.#displaced(found);
    const names = new Map([...this.#seriesNumbers].map(([name, number]) => [number, name]));
    return Array.from(pairsOf(steps), ([field, weight]) => {
      const { series, boundary } = parseDeltaField(field);
      const name = names.get(series);
      if (name === undefined) throw new Fault('store_corrupt', `series ${series} has no name`);
      return [name, boundary, wholeNumber('delta', weight)] as const;
    });
  }

  /** Write a change that no record causes, once, as {@link apply} does. */
  async change(change: OwnChange): Promise<void> {
    await this.apply({
      topic: '',
      expected: this.#sequence === 0 ? undefined : this.#sequence,
      next: this.#sequence + 1,
      sources: new Map(),
      counts: new Map(),
      ...change,
    });
  }

  /** Add deltas that no record causes, as {@link change} does. */
  addDeltas(sheet: DeltaSheet): Promise<void> {
    return this.change({ sheet, homes: new Map(), statements: [] });
  }

  #callOf(batch: BatchWrite) {
    const added: (readonly [name: string, number: number])[] = [];
    const fresh = new Map<string, number>();
    const numberOf = (name: string): number => {
      const known = this.#seriesNumbers.get(name) ?? fresh.get(name);
      if (known !== undefined) return known;
      const number = this.#nextSeries + added.length;
      fresh.set(name, number);
      added.push([name, number]);
      return number;
    };
    const field = deltaFields();
    const fields: (string | number)[] = [];
    const deltas: number[] = [];
    for (const [name, boundary, weight] of batch.sheet.changes()) {
      const number = numberOf(name);
      fields.push(field(number, boundary), weight);
      deltas.push(number, boundary, weight);
    }
    const series = added.map(([name, number]) => [String(number), name] as const);
    const sources = [...batch.sources];
    const statements = batch.statements.map(
      (one) => [statementField(one), one.text ?? ''] as const,
    );
    const counts = [...batch.counts];
    const stale = [...(batch.stale ?? [])].map(
      ([home, isStale]) => [`${STALE}${home}`, isStale ? '1' : ''] as const,
    );
    const { next, arrivedAt } = batch;
    const topic = batch.isTold === true ? '' : batch.topic;
    const change = { topic, next, arrivedAt, series, deltas, sources, statements, counts };
    const sections = [
      series.flat(),
      fields,
      ...[sources, statements, counts, stale].map((one) => one.flat()),
    ];
    const {
      owner,
      series: seriesKey,
      deltas: deltasKey,
      changes,
      sources: sourcesKey,
    } = this.#keys;
    const keys = [owner, seriesKey, deltasKey, changes, sourcesKey, this.#keys.statements];
    const args: (string | number)[] = [
      this.state.epoch,
      placeOfBatch(batch),
      batch.expected ?? -1,
      next,
      this.#sequence,
      JSON.stringify(change),
      CHANGES_MAX,
      ...sections.map((section) => section.length / 2),
    ];
    for (const section of sections) for (const one of section) args.push(one);
    for (const [key, entities] of batch.homes) {
      keys.push(this.#keys.home(key));
      args.push(entities.size);
      for (const [entity, text] of entities) args.push(entity, text);
    }
    return { added, script: { keys, args } };
  }
}

/** Name of the offset that a batch moves; empty where no record is behind it. */
function placeOfBatch({ topic, isTold }: BatchWrite): string {
  if (topic === '') return '';
  return isTold === true ? `${TOLD}${topic}` : `${OFFSET}${topic}`;
}

/** A home from a flat list of entities and facts. */
function homeOf(list: unknown): Home {
  if (!Array.isArray(list)) throw new Fault('store_corrupt', 'a home is not a list');
  const entities: (readonly [string, FactsText])[] = [];
  for (let at = 0; at < list.length; at += 2)
    entities.push([String(list[at]), new FactsText(String(list[at + 1]))]);
  return new Home(entities);
}

function numbersOf(names: unknown): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [number, name] of pairsOf(names)) numbers.set(name, wholeNumber('series', number));
  return numbers;
}

function nextNumber(numbers: ReadonlyMap<string, number>): number {
  let highest = -1;
  for (const number of numbers.values()) highest = Math.max(highest, number);
  return highest + 1;
}
