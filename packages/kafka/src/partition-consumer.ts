import { Fault } from '@kpi/core';
import { longest, pause, untilAborted, type Clock, type Logger, type Obstacle } from '@kpi/runtime';
import { type EachBatchPayload } from 'kafkajs';

import { asFault } from './admin.ts';
import {
  AssignedPartition,
  type AssignedPartitionOptions,
  type TopicProgress,
} from './assigned-partition.ts';
import { type KafkaClient } from './connection.ts';
import { type ConsumerObserver } from './consumer-metrics.ts';
import { type EmptyBatch, GroupClient } from './group-client.ts';
import { Hindrance } from './hindrance.ts';
import { LogRanges } from './log-ranges.ts';
import { type PartitionTask } from './partition-task.ts';
import { Turns } from './turns.ts';

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
  /** Partitions of which a stretch is applied at the same time; all by default. */
  readonly atOnce?: number;
  /** How long records may wait for more before they are applied, ms; 0 applies at once. */
  readonly lingerMs?: number;
  /** A member that is silent for longer loses its partitions, ms. */
  readonly sessionTimeoutMs?: number;
  /**
   * How long a partition whose task was displaced with `ownership_lost` may go without being revoked or worked on; then that is
   * fatal.
   */
  readonly displacedMsMax?: number;
  /** Whether a partition that another owner took is claimed again once the group confirms that it is ours; yes by default. */
  readonly claimsAgain?: boolean;
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
 * A member that lost a partition to another learns so within its session and the rebalance. One that is displaced for longer,
 * although it claims again what the group leaves to it, has a rival outside the group.
 */
const DISPLACED_MS_MAX = 60_000;
/** Leaving a group in order takes a moment; when no broker answers it would take many, and the group notices by itself. */
const LEAVE_MS = 5_000;
/** Positions in Kafka serve lag tools only; the truth is in the task's store. */
const REPORT_MS = 5_000;

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
  readonly #group: GroupClient;
  readonly #ranges: LogRanges;
  readonly #assigned = new Map<number, AssignedPartition>();
  /** Ends of earlier assignments, by partition; the next one of the same partition waits for it. */
  readonly #leaving = new Map<number, Promise<void>>();
  /** Whether brokers answer when asked how far the logs reach. */
  readonly #contact: Hindrance;
  readonly #turns: Turns;
  #progressAtMs: number;
  #report: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: PartitionConsumerOptions) {
    this.#options = options;
    this.#progressAtMs = options.clock();
    this.#ranges = new LogRanges(options.kafka);
    this.#contact = new Hindrance(options.clock);
    this.#turns = new Turns(options.atOnce ?? Infinity);
    const { kafka, groupId, topics, log } = options;
    this.#group = new GroupClient({
      kafka,
      groupId,
      topics,
      sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      log,
      held: () => [...this.#assigned.keys()],
      onAssignment: (assignment) => this.#onAssignment(assignment),
      onRevoked: () => this.#revokeAll(),
      onBatch: (fetched) => this.#onBatch(fetched),
      onEmptyBatch: (batch) => this.#onEmptyBatch(batch),
      onOutage: (fault) => this.#contact.met(fault),
      onFailure: (error) => this.#fail(error),
    });
  }

  async start(): Promise<void> {
    await this.#group.start();
    this.#report = setInterval(() => void this.#reportPositions(), REPORT_MS);
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
    this.#group.giveUp();
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
      await this.#group.commit(reached);
      await this.#group.leave();
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
    const claimsAgain = this.#options.claimsAgain ?? true;
    return {
      topics,
      open,
      log,
      clock,
      batchRecordsMax: batchRecordsMax ?? BATCH_RECORDS_MAX,
      lingerMs: lingerMs ?? 0,
      turns: this.#turns,
      displacedMsMax: displacedMsMax ?? DISPLACED_MS_MAX,
      reassured: claimsAgain ? (signal) => this.#group.reassured(signal) : untilAborted,
      observer: this.#options.observer,
      ranges: this.#ranges,
      fetching: this.#group,
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

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#group.giveUp();
    this.#revokeAll();
    this.#options.onFatal(error);
  }

  async #reportPositions(): Promise<void> {
    const begunAt = this.#options.clock();
    try {
      await Promise.all(this.#options.topics.map((topic) => this.#noteRanges(topic)));
      this.#contact.passed();
      await this.#group.commit(this.#progress());
    } catch (error) {
      if (error instanceof Fault) this.#contact.met(error, begunAt);
      this.#options.log.debug({ err: error }, 'log ends could not be read');
    }
  }

  async #noteRanges(topic: string): Promise<void> {
    const ranges = await this.#ranges.read(topic);
    for (const [partition, range] of ranges) this.#assigned.get(partition)?.noteRange(topic, range);
  }
}
