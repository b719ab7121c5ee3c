import { setImmediate } from 'node:timers/promises';

import { Fault, type IndexedSeries, type SeriesIndex } from '@kpi/core';

import { type RedisClient, reachAll } from './connection.ts';
import { parseChanges, type LiveChange } from './live-change.ts';
import { parseStatementField } from './store-fields.ts';
import { type PartitionKeys, parseDeltaField } from './partition-keys.ts';
import { type PartitionState, parsePartitionState, wholeNumber } from './partition-state.ts';
import { READ_HASH, pairsOf, recordOf } from './redis-hash.ts';

/** Where the contents of a partition go. */
export interface ViewTarget {
  readonly index: SeriesIndex;
  /** Called with every source's latest event. */
  readonly onSource: (field: string, lastEventAt: number) => void;
  /** Called after each change that was followed, with the arrival of its first record. */
  readonly onArrival: (arrivedAt: number) => void;
}

/** Changes read at once; more are read in the next round. */
const CHANGES_PER_READ = 500;
/** Steps taken in without a pause: some milliseconds. */
const STEPS_PER_TURN = 10_000;

/** A reader's copy of one partition: loaded whole, in one transaction, then kept up with the changes. */
export class PartitionView {
  readonly #client: RedisClient;
  readonly #keys: PartitionKeys;
  readonly #target: ViewTarget;
  readonly #names = new Map<number, string>();
  readonly #series = new Map<number, IndexedSeries>();
  readonly #offsets = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #epoch = 0;
  #sequence = 0;
  #stale = 0;

  constructor(client: RedisClient, keys: PartitionKeys, target: ViewTarget) {
    this.#client = client;
    this.#keys = keys;
    this.#target = target;
  }

  /** Next offset to be applied, by topic. */
  get offsets(): ReadonlyMap<string, number> {
    return this.#offsets;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** How many homes had to be read again when this was loaded. */
  get stale(): number {
    return this.#stale;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Read everything. The caller gives an empty target. */
  async load(): Promise<void> {
    const { owner, series, deltas, sources, statements } = this.#keys;
    const pipeline = this.#client
      .multi()
      .hgetall(owner)
      .call(READ_HASH, series)
      .call(READ_HASH, deltas)
      .call(READ_HASH, sources)
      .call(READ_HASH, statements);
    const [state, names, steps, seen, stated] = await reachAll('load partition', pipeline);
    this.#takeState(parsePartitionState(recordOf(state)));
    for (const [number, name] of pairsOf(names))
      this.#names.set(wholeNumber('series', number), name);
    let taken = 0;
    for (const [field, weight] of pairsOf(steps)) {
      const step = parseDeltaField(field);
      this.#seriesOf(step.series).steps.add(step.boundary, wholeNumber('delta', weight));
      taken += 1;
      // Whoever loads has other things to do, such as to tell its group that it lives.
      if (taken % STEPS_PER_TURN === 0) await setImmediate();
    }
    for (const [field, at] of pairsOf(seen))
      this.#target.onSource(field, wholeNumber('source', at));
    for (const [field, text] of pairsOf(stated)) this.#takeStatement(field, text);
  }

  /**
   * Take in what happened since. Returns the batches taken in; undefined when a load is due: some were missed, or the store
   * may have been set back to an older state. After that nothing is applied before a new claim, so an epoch that is not ours
   * tells, unless it was claimed from ours where that had come as far as we are, or a sequence that is not ours.
   */
  async follow(): Promise<number | undefined> {
    const { owner, changes: stream } = this.#keys;
    const pipeline = this.#client
      .multi()
      .hmget(owner, 'epoch', 'sequence', 'epoch_before', 'claimed_at')
      .xrange(stream, `${this.#sequence + 1}-0`, '+', 'COUNT', CHANGES_PER_READ);
    const [place, entries] = await reachAll('follow partition', pipeline);
    const epoch = this.#continuedBy(place);
    if (epoch === undefined) return undefined;
    this.#epoch = epoch;
    const changes = parseChanges(entries);
    for (const { sequence, change } of changes) {
      if (sequence !== this.#sequence + 1) return undefined;
      this.#sequence = sequence;
      this.#take(change);
    }
    return changes.length;
  }

  /** The epoch stored now, if with its sequence it continues ours; a partition that nobody claimed has neither. */
  #continuedBy(place: unknown): number | undefined {
    const [epoch = 0, sequence = 0, epochBefore = 0, claimedAt = 0] = Array.isArray(place)
      ? place.map((one: unknown) => wholeNumber('place', one ?? 0))
      : [];
    if (epoch === this.#epoch) return sequence >= this.#sequence ? epoch : undefined;
    const isSuccessor = epochBefore === this.#epoch && claimedAt >= this.#sequence;
    return isSuccessor ? epoch : undefined;
  }

  #takeState(state: PartitionState): void {
    this.#epoch = state.epoch;
    this.#sequence = state.sequence;
    this.#stale = state.stale.size;
    for (const [topic, offset] of state.offsets) this.#offsets.set(topic, offset);
    for (const [name, count] of state.counts) this.#counts.set(name, count);
  }

  #take(change: LiveChange): void {
    if (change.topic !== '') this.#offsets.set(change.topic, change.next);
    for (const [number, name] of change.series)
      this.#names.set(wholeNumber('series', number), name);
    const { deltas } = change;
    for (let at = 0; at < deltas.length; at += 3)
      this.#seriesOf(deltas[at] ?? 0).steps.add(deltas[at + 1] ?? 0, deltas[at + 2] ?? 0);
    for (const [field, at] of change.sources) this.#target.onSource(field, at);
    for (const [field, text] of change.statements) this.#takeStatement(field, text);
    for (const [name, count] of change.counts)
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
    if (change.arrivedAt !== undefined) this.#target.onArrival(change.arrivedAt);
  }

  #seriesOf(number: number): IndexedSeries {
    const known = this.#series.get(number);
    if (known !== undefined) return known;
    const name = this.#names.get(number);
    if (name === undefined) throw new Fault('store_corrupt', `series ${number} has no name`);
    const series = this.#target.index.series(name);
    this.#series.set(number, series);
    return series;
  }

  #takeStatement(field: string, text: string): void {
    const { tenantId, entity } = parseStatementField(field);
    this.#target.index.take(tenantId, { entity, text: text === '' ? undefined : text });
  }
}
