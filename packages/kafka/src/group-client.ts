import { Fault } from '@kpi/core';
import { pause, untilAborted, type Logger } from '@kpi/runtime';
import kafkajs, { type Consumer, type EachBatchPayload } from 'kafkajs';

import { asFault } from './admin.ts';
import { type FetchControl, type TopicProgress } from './assigned-partition.ts';
import { coPartitionAssigner } from './co-partition-assigner.ts';
import { type KafkaClient } from './connection.ts';

export interface GroupClientOptions {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly log: Logger;
  /** Partitions that this member has just now, and would like to keep. */
  readonly held: () => readonly number[];
  /** Partitions by topic. Whatever was assigned before is not any more. */
  readonly onAssignment: (assignment: Readonly<Record<string, readonly number[]>>) => void;
  /** Nothing is assigned until the next assignment. */
  readonly onRevoked: () => void;
  readonly onBatch: (fetched: EachBatchPayload) => Promise<void>;
  readonly onEmptyBatch: (batch: EmptyBatch) => void;
  /** Brokers could not be reached; it is tried again. */
  readonly onOutage: (fault: Fault) => void;
  /** Nothing more will come. */
  readonly onFailure: (error: unknown) => void;
}

/** What the client says of a stretch of the log that holds no record for us. */
export interface EmptyBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string | null;
  readonly lastOffset: string;
}

/** Members answer a rebalance within a heartbeat; one that does not is gone. */
const REBALANCE_TIMEOUT_MS = 20_000;
/** Rebalances are noticed by heartbeats, so they are frequent. */
const HEARTBEAT_MS = 500;
/** A fetch returns as soon as there is a record; this is how long it waits for one, and how soon a resumed topic is read. */
const FETCH_WAIT_MS = 250;
/** What a fetch brings at most, even of one topic that is far behind: what is applied together is loaded, counted and written once. */
const FETCH_BYTES_MAX = 8 * 1_048_576;
/** Batches of one fetch are handed over side by side: one that waits for room must not keep the others back. */
const BATCHES_AT_ONCE = 64;
const REJOIN_MS = 1_000;
/**
 * How long the client believes what it knows of leaders. A partition whose leader it cannot find among the brokers is left out of
 * every fetch without a word, until it asks again; by itself it does so after five minutes.
 */
const LEADERS_KNOWN_MS = 20_000;
/** The client restarts itself after an outage; waits stay short so that it notices the end of one. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } as const;

/** The consumer of the client library as a member of a group that never gives up for an outage. */
export class GroupClient implements FetchControl {
  readonly #options: GroupClientOptions;
  readonly #consumer: Consumer;
  #isOver = false;

  constructor(options: GroupClientOptions) {
    const { kafka, groupId, sessionTimeoutMs, held } = options;
    this.#options = options;
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES_MAX,
      maxBytes: FETCH_BYTES_MAX,
      metadataMaxAge: LEADERS_KNOWN_MS,
      allowAutoTopicCreation: false,
      retry: RETRY,
      partitionAssigners: [coPartitionAssigner(held)],
    });
  }

  async start(): Promise<void> {
    const { onAssignment, onRevoked, onEmptyBatch } = this.#options;
    const { GROUP_JOIN, REBALANCING, CRASH, START_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => onAssignment(payload.memberAssignment));
    this.#consumer.on(REBALANCING, () => onRevoked());
    this.#consumer.on(CRASH, ({ payload }) => this.#onCrash(payload));
    this.#consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) onEmptyBatch(payload);
    });
    await this.#join();
  }

  /** Best effort: whoever lost a partition meanwhile may not report it, and nothing depends on it. */
  async commit(positions: readonly TopicProgress[]): Promise<void> {
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

  /** Resolves once the group, asked after this call, has answered that this member belongs to it as assigned; else on abort. */
  async reassured(signal: AbortSignal): Promise<void> {
    const answered = new AbortController();
    let answers = 0;
    const forget = this.#consumer.on(this.#consumer.events.HEARTBEAT, () => {
      answers += 1;
      // The first answer may be to a question from before.
      if (answers > 1) answered.abort();
    });
    await untilAborted(AbortSignal.any([signal, answered.signal]));
    forget();
  }

  /** Not to join again, whatever happens. */
  giveUp(): void {
    this.#isOver = true;
  }

  async leave(): Promise<void> {
    this.giveUp();
    await this.#consumer.disconnect();
  }

  seek({ topic, partition, offset }: Parameters<FetchControl['seek']>[0]): void {
    whileRunning(() => this.#consumer.seek({ topic, partition, offset: String(offset) }));
  }

  pause(topic: string, partition: number): void {
    whileRunning(() => this.#consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number): void {
    whileRunning(() => this.#consumer.resume([{ topic, partitions: [partition] }]));
  }

  async #join(): Promise<void> {
    const { topics, onBatch } = this.#options;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: BATCHES_AT_ONCE,
      eachBatch: onBatch,
    });
  }

  #onCrash({ error, restart }: { readonly error: Error; readonly restart: boolean }): void {
    const { onFailure, onRevoked, log } = this.#options;
    if (!restart && !isWithoutCoordinator(error)) return onFailure(error);
    onRevoked();
    log.warn({ err: error }, 'group member crashed and will rejoin');
    if (!restart) void this.#rejoin();
  }

  /** What the client does by itself after any other outage. */
  async #rejoin(): Promise<void> {
    for (;;) {
      await pause(REJOIN_MS);
      if (this.#isOver) return;
      try {
        await this.#join();
        // Left meanwhile.
        if (this.#isOver) await this.#consumer.disconnect();
        return;
      } catch (error) {
        const fault = asFault(error);
        if (!(fault instanceof Fault && fault.retryable)) return this.#options.onFailure(error);
        this.#options.onOutage(fault);
      }
    }
  }
}

/** While brokers come back none may know yet who coordinates a group. The client takes that for the end of everything. */
function isWithoutCoordinator(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || isWithoutCoordinator(error.cause);
}

/** Between a crash and the restart there is nothing to steer; the next assignment sets everything anew. */
function whileRunning(steer: () => void): void {
  try {
    steer();
  } catch (error) {
    if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
  }
}
