import { Fault, countedTypes } from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type KafkaClient,
  type LogBatch,
  type PartitionLag,
  type PartitionTask,
  consumePartitions,
  deleteGroup,
} from '@kpi/kafka';
import {
  type ErasedSubjects,
  LiveStore,
  type OwnedPartition,
  type RedisClient,
  liveOffsets,
  placeOf,
} from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { readBatch } from './batch-reader.ts';
import { type Teller } from './facts-log.ts';
import { type HomeHistory } from './home-history.ts';
import { type DecodedBatch, HINDERED, PartitionWorker } from './partition-worker.ts';
import { type Past } from './past.ts';

export interface FillingOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  readonly partitions: number;
  readonly kafka: KafkaClient;
  /** Full names of the input topics. */
  readonly topics: readonly string[];
  /** Full name of the topic of facts: they are told anew, by what is read. */
  readonly factsTopic: string;
  readonly tell: Teller;
  readonly decoder: EventDecoder;
  readonly history: HomeHistory;
  readonly erased: ErasedSubjects;
  /** Consumer group for this one reading; removed afterwards. */
  readonly groupId: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long running workers may take to take the new store over, ms. */
  readonly handOverMsMax?: number;
  /** How far it is, from time to time. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Ends it without a switch; what was filled is removed. */
  readonly signal?: AbortSignal;
}

export interface RebuildProgress {
  readonly step: 'filling' | 'handing over' | 'removing';
  /** Records applied, and those in the logs when last looked at. */
  readonly applied: number;
  readonly total: number;
}

/** The generation to fill, and what lies before the log. */
export interface FillingPlan {
  readonly generation: number;
  readonly past: Past;
}

const HOMES_CACHED = 100;
const POLL_MS = 200;
/** Running workers ask once a second which generation is in use. Who has not come by then does not run. */
const HAND_OVER_MS_MAX = 30_000;
/** Being displaced is what a rebuild waits for. */
const NEVER_MS = 2 ** 31 - 1;

/** Refused records have their dead letters since they were first read; one that was dropped must not come back. */
const NO_LETTERS: DeadLetterSink = {
  keep: () => Promise.resolve(),
  drop: () => Promise.resolve(),
};

/** Applies the past and the log to a generation, and what comes after them, until others own its partitions. */
export class Filling {
  readonly #options: FillingOptions;
  readonly #past: Past;
  readonly #closing = new AbortController();
  readonly #store: LiveStore;
  readonly #owned = new Map<number, OwnedPartition>();
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #positions = new Map<string, number>();
  readonly #takenOver = new Set<number>();
  readonly #failures: unknown[] = [];
  #consumer: Awaited<ReturnType<typeof consumePartitions>> | undefined;
  /** Where the logs of events ended when all partitions were open, and that of facts when the events were read to there. */
  #eventEnds: Ends | undefined;
  #factsEnds: Ends | undefined;
  #records = 0;
  #refused = 0;

  constructor(options: FillingOptions, { generation, past }: FillingPlan) {
    this.#options = options;
    this.#past = past;
    const { client, prefix } = options;
    this.#store = new LiveStore({ client, prefix, generation });
  }

  async start(): Promise<void> {
    const { kafka, groupId, topics, factsTopic, log, clock } = this.#options;
    this.#consumer = await consumePartitions({
      kafka,
      groupId,
      topics: [...topics, factsTopic],
      log,
      clock,
      displacedMsMax: NEVER_MS,
      claimsAgain: false,
      open: (partition) => this.#open(partition),
      onFatal: (error) => this.#failures.push(error),
    });
  }

  counts(): { readonly records: number; readonly refused: number } {
    return { records: this.#records, refused: this.#refused };
  }

  /**
   * Until all that the store in use had applied a moment ago is applied here too. Under load it is always a little ahead; readers
   * wait for what they knew before they move over.
   */
  async untilLevel(generation: number): Promise<void> {
    const { partitions, signal } = this.#options;
    let before: ReadonlyMap<string, number> | undefined;
    let settled: Promise<void> | undefined;
    for (;;) {
      this.#check();
      if (signal?.aborted === true) throw new Fault('rebuild_aborted', 'stopped before the switch');
      this.#report('filling');
      if (this.#isRead()) {
        settled ??= this.#settled();
        await settled;
        const live = await liveOffsets(this.#options, partitions);
        if (live.generation !== generation)
          throw new Fault('rebuild_overtaken', 'another rebuild was put into use meanwhile');
        if (this.#isLevel(before ?? live.offsets)) return;
        before = live.offsets;
      }
      await pause(POLL_MS, signal);
    }
  }

  /** Until homes that are stale by what was read were read again. Under load there is always one more, as in the store in use. */
  async #settled(): Promise<void> {
    const { signal } = this.#options;
    const stop = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    await Promise.all([...this.#workers.values()].map((one) => one.settled(stop)));
  }

  /** Until running workers own all partitions, or none comes any more. Returns how many were taken over. */
  async handOver(): Promise<number> {
    const { partitions, clock } = this.#options;
    const deadline = clock() + (this.#options.handOverMsMax ?? HAND_OVER_MS_MAX);
    while (this.#takenOver.size < partitions && clock() < deadline) {
      this.#check();
      this.#report('handing over');
      for (const [partition, owned] of this.#owned) await this.#look(partition, owned);
      await pause(POLL_MS);
    }
    return this.#takenOver.size;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#consumer?.close();
    if (this.#consumer !== undefined) await deleteGroup(this.#options.kafka, this.#options.groupId);
  }

  async #open(partition: number): Promise<PartitionTask> {
    const { topics, factsTopic, clock, decoder, tell, history, erased, log } = this.#options;
    const owned = await this.#store.claim(partition, 'rebuild');
    this.#owned.set(partition, owned);
    const worker = new PartitionWorker({
      owned,
      partition,
      homesCached: HOMES_CACHED,
      history,
      tell,
      clock,
      holdsStale: true,
      onHindered: ({ code, detail }) => log.warn({ code, detail, partition }, HINDERED),
    });
    this.#workers.set(partition, worker);
    const reading = {
      decoder,
      deadLetters: NO_LETTERS,
      clock,
      definitionsOf: (tenantId: string) => owned.definitionsOf(tenantId),
      factsTopic,
      generation: owned.generation,
      erased,
    };
    await erased.refresh();
    const take = async (batch: DecodedBatch): Promise<void> => {
      await this.#unlessTakenOver(partition, () => worker.apply(batch, clock()));
      this.#records += batch.records + batch.refused;
      this.#refused += batch.refused;
      this.#positions.set(placeOf(batch.topic, partition), batch.next);
      await worker.foldWhenDue(clock());
    };
    await this.#past.give(partition, {
      positions: () => worker.positions,
      types: countedTypes(owned.definitions),
      apply: take,
      signal: this.#closing.signal,
    });
    return {
      positions: worker.positionsIn(topics),
      apply: async (batch: LogBatch) => take(await readBatch(batch, reading)),
      close: () => worker.close(),
    };
  }

  /**
   * Whether the logs of events were read to where they ended at first, and that of facts to where it ended then: under load there
   * is always one more.
   */
  #isRead(): boolean {
    const { topics, factsTopic, partitions } = this.#options;
    const places = this.#consumer?.lag() ?? [];
    const facts = places.filter(({ topic }) => topic === factsTopic);
    const events = places.filter(({ topic }) => topic !== factsTopic);
    if (facts.length < partitions || events.length < partitions * topics.length) return false;
    this.#eventEnds ??= endsOf(events);
    if (!reaches(events, this.#eventEnds)) return false;
    this.#factsEnds ??= endsOf(facts);
    return reaches(facts, this.#factsEnds);
  }

  /** A store that was filled from topics of before has nothing of these; whoever changed them stopped all work before. */
  #isLevel(live: ReadonlyMap<string, number>): boolean {
    const { topics, partitions } = this.#options;
    const places = topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => placeOf(topic, partition)),
    );
    return places.every((place) => (this.#positions.get(place) ?? 0) >= (live.get(place) ?? 0));
  }

  /** Notes when another owner has the partition by now, which nobody else can be told. */
  async #unlessTakenOver(partition: number, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Fault && error.code === 'ownership_lost') this.#takenOver.add(partition);
      throw error;
    }
  }

  /** A partition without new records learns from this that it was taken over. */
  async #look(partition: number, owned: OwnedPartition): Promise<void> {
    if (this.#takenOver.has(partition)) return;
    try {
      await this.#unlessTakenOver(partition, () => owned.confirm());
    } catch (error) {
      if (!this.#takenOver.has(partition)) throw error;
    }
  }

  #check(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #report(step: RebuildProgress['step']): void {
    const behind = (this.#consumer?.lag() ?? []).reduce((sum, { lag }) => sum + lag, 0);
    const applied = this.#records;
    this.#options.onProgress?.({
      step,
      applied,
      total: Math.max(applied + behind, this.#past.records),
    });
  }
}

/** Ends of logs, by place. */
type Ends = ReadonlyMap<string, number>;

function endsOf(places: readonly PartitionLag[]): Ends {
  return new Map(places.map(({ topic, partition, end }) => [placeOf(topic, partition), end]));
}

function reaches(places: readonly PartitionLag[], ends: Ends): boolean {
  return places.every(
    ({ topic, partition, position }) => position >= (ends.get(placeOf(topic, partition)) ?? 0),
  );
}
