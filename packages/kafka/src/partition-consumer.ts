import { Fault } from '@kpi/core';
import { longest, pause, type Clock, type Logger, type Obstacle } from '@kpi/runtime';
import kafkajs, { type Consumer, type EachBatchPayload } from 'kafkajs';

import { asFault } from './admin.ts';
import {
  AssignedPartition,
  type AssignedPartitionOptions,
  type FetchControl,
  type TopicProgress,
} from './assigned-partition.ts';
import { coPartitionAssigner } from './co-partition-assigner.ts';
import { type KafkaClient } from './connection.ts';
import { type ConsumerObserver } from './consumer-metrics.ts';
import { Hindrance } from './hindrance.ts';
import { LogRanges } from './log-ranges.ts';
import { type PartitionTask } from './partition-task.ts';

export interface PartitionConsumerOptions {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  /** Full names; all have the same number of partitions. */
  readonly topics: readonly string[];
  /** Called when partition p of all topics was assigned to this member. A retryable Fault is tried again. */
  readonly open: (partition: number) => Promise<PartitionTask>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called at most once, when consuming cannot go on: `offset_lost`, a broken invariant, a crash of the client. */
  readonly onFatal: (error: unknown) => void;
  /** Records of one stretch; 2,000 keeps a store's other readers responsive. */
  readonly batchRecordsMax?: number;
  /** How long records may wait for more before they are applied, ms; 0 applies at once. */
  readonly lingerMs?: number;
  /** A member that is silent for longer loses its partitions, ms. */
  readonly sessionTimeoutMs?: number;
  /** How long the group may take to revoke a partition whose task was displaced with `ownership_lost`; then that is fatal. */
  readonly displacedMsMax?: number;
  /** Told of what should be counted. */
  readonly observer?: ConsumerObserver;
}

/** How far one partition of one topic is behind. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Offset before which everything is applied. */
  readonly position: number;
  readonly lag: number;
  /** Where the log begins and ends as far as known. */
  readonly start: number;
  readonly end: number;
}

/** A member of a group at work. */
export interface PartitionConsumer {
  /** Of every partition this member has; empty before the first assignment. */
  lag(): readonly PartitionLag[];
  /** When something was last applied, or the start, ms. */
  lastProgressAt(): number;
  /** What keeps this member from working just now: a store, the registry or the brokers do not answer. */
  obstacle(): Obstacle | undefined;
  /** Finish what is in hand, close the tasks and leave the group. Can be called twice. */
  close(): Promise<void>;
}

const BATCH_RECORDS_MAX = 2_000;
const SESSION_TIMEOUT_MS = 15_000;
/**
 * A member that lost a partition to another learns so within its session and the rebalance. One that is displaced and still
 * has the partition after that was displaced by somebody outside the group: nobody may be working on it.
 */
const DISPLACED_MS_MAX = 60_000;
/** Members answer a rebalance within a heartbeat; one that does not is gone. */
const REBALANCE_TIMEOUT_MS = 20_000;
/** Rebalances are noticed by heartbeats, so they are frequent. */
const HEARTBEAT_MS = 500;
/** A fetch returns as soon as there is a record; this is how long it waits for one, and how soon a resumed topic is read. */
const FETCH_WAIT_MS = 250;
const REJOIN_MS = 1_000;
/** Leaving a group in order takes a moment; when no broker answers it would take many, and the group notices by itself. */
const LEAVE_MS = 5_000;
/** Batches of one fetch are handed over side by side: one that waits for room must not keep the others back. */
const BATCHES_AT_ONCE = 64;
/** Positions in Kafka serve lag tools only; the truth is in the task's store. */
const REPORT_MS = 5_000;
/** The client restarts itself after an outage; waits stay short so that it notices the end of one. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } as const;

/** Join the group and hand each partition's records, of all topics, to its task. */
export async function consumePartitions(
  options: PartitionConsumerOptions,
): Promise<PartitionConsumer> {
  const member = new GroupMember(options);
  try {
    await member.start();
  } catch (error) {
    await member.close();
    throw asFault(error);
  }
  return member;
}

class GroupMember implements PartitionConsumer {
  readonly #options: PartitionConsumerOptions;
  readonly #consumer: Consumer;
  readonly #ranges: LogRanges;
  readonly #assigned = new Map<number, AssignedPartition>();
  /** Ends of earlier assignments, by partition; the next one of the same partition waits for it. */
  readonly #leaving = new Map<number, Promise<void>>();
  /** Whether brokers answer when asked how far the logs reach. */
  readonly #contact: Hindrance;
  #progressAtMs: number;
  #report: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: PartitionConsumerOptions) {
    this.#options = options;
    this.#progressAtMs = options.clock();
    this.#ranges = new LogRanges(options.kafka);
    this.#contact = new Hindrance(options.clock);
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: RETRY,
      partitionAssigners: [coPartitionAssigner(() => [...this.#assigned.keys()])],
    });
  }

  async start(): Promise<void> {
    const consumer = this.#consumer;
    const { GROUP_JOIN, REBALANCING, CRASH, START_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => this.#onAssignment(payload.memberAssignment));
    consumer.on(REBALANCING, () => this.#revokeAll());
    consumer.on(CRASH, ({ payload }) => this.#onCrash(payload));
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#onEmptyBatch(payload);
    });
    await this.#join();
    this.#report = setInterval(() => void this.#reportPositions(), REPORT_MS);
  }

  async #join(): Promise<void> {
    const consumer = this.#consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: BATCHES_AT_ONCE,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  lag(): readonly PartitionLag[] {
    return this.#progress().map(({ topic, partition, offset, start, end }) => ({
      topic,
      partition,
      position: offset,
      lag: Math.max(0, end - offset),
      start,
      end,
    }));
  }

  lastProgressAt(): number {
    return this.#progressAtMs;
  }

  obstacle(): Obstacle | undefined {
    const assigned = [...this.#assigned.values()].map((partition) => partition.obstacle);
    return longest([this.#contact.current, ...assigned]);
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#report);
    const assigned = [...this.#assigned.values()];
    this.#revokeAll();
    await Promise.all(this.#leaving.values());
    const left = this.#leave(assigned.flatMap((partition) => partition.progress()));
    const patience = new AbortController();
    await Promise.race([left, pause(LEAVE_MS, patience.signal)]);
    patience.abort();
  }

  async #leave(reached: readonly TopicProgress[]): Promise<void> {
    try {
      await this.#commit(reached);
      await this.#consumer.disconnect();
      await this.#ranges.close();
    } catch (error) {
      this.#options.log.debug({ err: error }, 'group could not be left in order');
    }
  }

  #progress(): readonly TopicProgress[] {
    return [...this.#assigned.values()].flatMap((partition) => partition.progress());
  }

  /** Fetching waits until each partition is open: the client would start at the positions that Kafka knows. */
  #onAssignment(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#revokeAll();
    if (this.#closed !== undefined || this.#hasFailed) return;
    const partitions = new Set(Object.values(assignment).flat());
    const options = this.#partitionOptions();
    for (const partition of partitions) {
      for (const topic of options.topics) options.fetching.pause(topic, partition);
      const after = this.#leaving.get(partition) ?? Promise.resolve();
      this.#assigned.set(partition, new AssignedPartition(partition, after, options));
    }
    this.#options.log.info({ partitions: [...partitions] }, 'partitions assigned');
  }

  #partitionOptions(): AssignedPartitionOptions {
    const { topics, open, log, clock, batchRecordsMax, lingerMs, displacedMsMax } = this.#options;
    return {
      topics,
      open,
      log,
      clock,
      batchRecordsMax: batchRecordsMax ?? BATCH_RECORDS_MAX,
      lingerMs: lingerMs ?? 0,
      displacedMsMax: displacedMsMax ?? DISPLACED_MS_MAX,
      observer: this.#options.observer,
      ranges: this.#ranges,
      fetching: fetchControlOf(this.#consumer),
      onFatal: (error) => this.#fail(error),
      onApplied: () => {
        this.#progressAtMs = clock();
      },
    };
  }

  #revokeAll(): void {
    for (const [partition, assigned] of this.#assigned) {
      this.#leaving.set(partition, assigned.close());
    }
    this.#assigned.clear();
  }

  async #onBatch(fetched: EachBatchPayload): Promise<void> {
    const { batch } = fetched;
    const assigned = this.#assigned.get(batch.partition);
    if (assigned === undefined || fetched.isStale()) return;
    const verdict = assigned.accept(batch);
    if (verdict === 'gap') await this.#repair(assigned, batch.topic);
    if (verdict !== 'accepted') return;
    fetched.resolveOffset(batch.lastOffset());
    await assigned.room(batch.topic);
  }

  async #repair(assigned: AssignedPartition, topic: string): Promise<void> {
    try {
      await assigned.repair(topic);
    } catch (error) {
      // The next fetch has the same gap, and asks again.
      if (!(error instanceof Fault) || !error.retryable) this.#fail(error);
    }
  }

  #onEmptyBatch(batch: EmptyBatch): void {
    if (batch.firstOffset === null) return;
    const range = { start: Number(batch.firstOffset), end: Number(batch.lastOffset) + 1 };
    this.#assigned.get(batch.partition)?.skip(batch.topic, range);
  }

  #onCrash({ error, restart }: { readonly error: Error; readonly restart: boolean }): void {
    if (!restart && !isWithoutCoordinator(error)) return this.#fail(error);
    this.#revokeAll();
    this.#options.log.warn({ err: error }, 'group member crashed and will rejoin');
    if (!restart) void this.#rejoin();
  }

  /** What the client does by itself after any other outage. */
  async #rejoin(): Promise<void> {
    for (;;) {
      await pause(REJOIN_MS);
      if (this.#closed !== undefined || this.#hasFailed) return;
      try {
        await this.#join();
        if (this.#closed !== undefined) await this.#consumer.disconnect();
        return;
      } catch (error) {
        const fault = asFault(error);
        if (!(fault instanceof Fault && fault.retryable)) return this.#fail(error);
        this.#contact.met(fault);
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#revokeAll();
    this.#options.onFatal(error);
  }

  async #reportPositions(): Promise<void> {
    const begunAt = this.#options.clock();
    try {
      await Promise.all(this.#options.topics.map((topic) => this.#noteRanges(topic)));
      this.#contact.passed();
      await this.#commit(this.#progress());
    } catch (error) {
      if (error instanceof Fault) this.#contact.met(error, begunAt);
      this.#options.log.debug({ err: error }, 'log ends could not be read');
    }
  }

  async #noteRanges(topic: string): Promise<void> {
    const ranges = await this.#ranges.read(topic);
    for (const [partition, range] of ranges) this.#assigned.get(partition)?.noteRange(topic, range);
  }

  /** Best effort: whoever lost a partition meanwhile may not report it, and nothing depends on it. */
  async #commit(positions: readonly TopicProgress[]): Promise<void> {
    if (positions.length === 0) return;
    try {
      await this.#consumer.commitOffsets(
        positions.map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset: String(offset),
        })),
      );
    } catch (error) {
      this.#options.log.debug({ err: error }, 'positions could not be reported');
    }
  }
}

/** While brokers come back none may know yet who coordinates a group. The client takes that for the end of everything. */
function isWithoutCoordinator(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || isWithoutCoordinator(error.cause);
}

/** What the client says of a stretch of the log that holds no record for us. */
interface EmptyBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string | null;
  readonly lastOffset: string;
}

function fetchControlOf(consumer: Consumer): FetchControl {
  return {
    seek: ({ topic, partition, offset }) =>
      whileRunning(() => consumer.seek({ topic, partition, offset: String(offset) })),
    pause: (topic, partition) =>
      whileRunning(() => consumer.pause([{ topic, partitions: [partition] }])),
    resume: (topic, partition) =>
      whileRunning(() => consumer.resume([{ topic, partitions: [partition] }])),
  };
}

/** Between a crash and the restart there is nothing to steer; the next assignment sets everything anew. */
function whileRunning(steer: () => void): void {
  try {
    steer();
  } catch (error) {
    if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
  }
}
