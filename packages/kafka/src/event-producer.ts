import { Fault } from '@kpi/core';
import { type Logger } from '@kpi/runtime';
import { type Producer, type RecordMetadata } from 'kafkajs';

import { asFault } from './admin.ts';
import { type KafkaClient } from './connection.ts';
import { partitionOf } from './record-key.ts';

/** One record to be written. The broker stamps it with its arrival. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** Null is a tombstone in a compacted topic. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes records, each exactly once for each call of `send` that resolves. */
export interface EventProducer {
  /**
   * Resolves when all in-sync replicas have all records. Rejects with `broker_unreachable` within the deadline; some of the
   * records may then still have been written, so a caller that tries again repeats the ids.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** Waits for what was sent. */
  close(): Promise<void>;
}

export interface EventProducerOptions {
  readonly kafka: KafkaClient;
  readonly log: Logger;
  /** From the call of `send` to the acknowledgement, ms. */
  readonly deadlineMs?: number;
  /** Bytes that wait for the broker; who sends more waits. */
  readonly waitingBytesMax?: number;
}

const DEADLINE_MS = 5_000;
const WAITING_BYTES_MAX = 32 * 1_048_576;
/**
 * Records of one request; those of one partition become one batch, which the broker measures against the topic's
 * `max.message.bytes`. Only a single larger record makes a larger request.
 */
const REQUEST_BYTES_MAX = 1_048_576;
/** Fits the topics' limit with its batch header; more would be refused by the broker, with all records of the request. */
const RECORD_BYTES_MAX = 7.5 * 1_048_576;
/** What a record costs besides key and value. */
const RECORD_OVERHEAD_BYTES = 64;
/** Repeats inside one request's attempt; the deadline of the callers ends earlier or later than these, never waits for them. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 500, retries: 8 } as const;

/** Records that go out together. */
interface Request {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
}

interface Waiting extends Request {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A connected client, and the partitions that the records of the request in hand belong to. */
interface Client {
  readonly producer: Producer;
  readonly partitions: Set<string>;
}

export function createEventProducer(options: EventProducerOptions): EventProducer {
  return new BatchingProducer(options);
}

/**
 * One request is in flight at a time; what is sent meanwhile goes out together with the next. So single events share
 * requests under load and none waits for a timer.
 *
 * After a failed request the client is thrown away: it numbers records per partition, rolls the numbers back, and the broker
 * would take the next, different records for a repetition of those that did arrive, and drop them.
 */
class BatchingProducer implements EventProducer {
  readonly #kafka: KafkaClient;
  readonly #log: Logger;
  readonly #deadlineMs: number;
  readonly #waitingBytesMax: number;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #client: Promise<Client> | undefined;
  #pump: Promise<void> | undefined;
  #room: (() => void)[] = [];
  #isClosed = false;

  constructor(options: EventProducerOptions) {
    this.#kafka = options.kafka;
    this.#log = options.log;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#waitingBytesMax = options.waitingBytesMax ?? WAITING_BYTES_MAX;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#isClosed) throw new Fault('broker_unreachable', 'the producer is closed');
    if (records.length === 0) return;
    const requests = splitByBytes(records);
    const deadline = new Deadline(this.#deadlineMs);
    try {
      await Promise.all(requests.map((part) => this.#enqueue(part, deadline)));
    } finally {
      deadline.clear();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pump;
    const client = this.#client;
    this.#client = undefined;
    await client?.then(({ producer }) => producer.disconnect()).catch(() => undefined);
  }

  async #enqueue({ records, bytes }: Request, deadline: Deadline): Promise<void> {
    while (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#waitingBytesMax) {
      await deadline.race(new Promise<void>((resolve) => this.#room.push(resolve)));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call: Waiting = { records, bytes, resolve, reject };
    this.#waiting.push(call);
    this.#waitingBytes += bytes;
    this.#pump ??= this.#run();
    try {
      await deadline.race(promise);
    } catch (error) {
      this.#giveUp(call);
      throw error;
    }
  }

  /** Nobody waits for it any more: what is not on its way is not written, and makes room. */
  #giveUp(call: Waiting): void {
    const place = this.#waiting.indexOf(call);
    if (place === -1) return;
    this.#waiting.splice(place, 1);
    this.#leave(call.bytes);
  }

  #leave(bytes: number): void {
    this.#waitingBytes -= bytes;
    for (const wake of this.#room.splice(0)) wake();
  }

  async #run(): Promise<void> {
    // Whoever sends in the same turn of the event loop shares the first request.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const calls = this.#takeRequest();
      try {
        await this.#write(calls.flatMap(({ records }) => records));
        for (const call of calls) call.resolve();
      } catch (error) {
        const fault = asFault(error);
        for (const call of calls) call.reject(fault);
      }
      this.#leave(calls.reduce((sum, { bytes }) => sum + bytes, 0));
    }
    this.#pump = undefined;
  }

  #takeRequest(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((call) => (bytes += call.bytes) > REQUEST_BYTES_MAX);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1));
  }

  async #write(records: readonly OutgoingRecord[]): Promise<void> {
    this.#client ??= connect(this.#kafka);
    const client = this.#client;
    const deadline = new Deadline(this.#deadlineMs);
    const written = client.then((connected) =>
      sendAll(connected, { acks: -1, timeout: this.#deadlineMs, topicMessages: byTopic(records) }),
    );
    try {
      await deadline.race(written);
    } catch (error) {
      this.#client = undefined;
      this.#discard(client, written);
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /** Closes a client that failed, once it has given up the request it may still be repeating. */
  #discard(client: Promise<Client>, written: Promise<unknown>): void {
    const settled = written.catch(() => undefined);
    void settled
      .then(() => client)
      .then(({ producer }) => producer.disconnect())
      .catch((error: unknown) => this.#log.debug({ err: error }, 'producer did not disconnect'));
  }
}

async function connect(kafka: KafkaClient): Promise<Client> {
  const partitions = new Set<string>();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: RETRY,
    createPartitioner:
      () =>
      ({ topic, message, partitionMetadata }) => {
        const partition = partitionOf(String(message.key ?? ''), partitionMetadata.length);
        partitions.add(placeOf(topic, partition));
        return partition;
      },
  });
  await producer.connect();
  return { producer, partitions };
}

/**
 * Send, and see that every partition has answered. When the leader of one moves during a request, to a broker that has already
 * acknowledged records of others, the client's next attempt passes over the records of that one and resolves all the same.
 */
async function sendAll(
  { producer, partitions }: Client,
  batch: Parameters<Producer['sendBatch']>[0],
): Promise<void> {
  partitions.clear();
  const acknowledged: readonly RecordMetadata[] = await producer.sendBatch(batch);
  for (const { topicName, partition } of acknowledged)
    partitions.delete(placeOf(topicName, partition));
  if (partitions.size === 0) return;
  throw new Fault(
    'broker_unreachable',
    `no acknowledgement of ${[...partitions].join(', ')}: the leader has moved`,
  );
}

function placeOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** In order, in parts of at most the size of a request. Throws a Fault `body_too_large` for a record that no topic takes. */
function splitByBytes(records: readonly OutgoingRecord[]): readonly Request[] {
  const parts: Request[] = [];
  let part: OutgoingRecord[] = [];
  let bytes = 0;
  const endPart = (): void => {
    if (part.length > 0) parts.push({ records: part, bytes });
    part = [];
    bytes = 0;
  };
  for (const record of records) {
    const size = sizeOf(record);
    if (size > RECORD_BYTES_MAX) throw new Fault('body_too_large', `a record of ${size} bytes`);
    if (bytes + size > REQUEST_BYTES_MAX) endPart();
    part.push(record);
    bytes += size;
  }
  endPart();
  return parts;
}

function sizeOf({ key, value }: OutgoingRecord): number {
  return key.length + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
}

interface TopicMessages {
  readonly topic: string;
  readonly messages: {
    readonly key: string;
    readonly value: Buffer | null;
    readonly headers?: Record<string, string>;
  }[];
}

function byTopic(records: readonly OutgoingRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of records) {
    const known = topics.get(topic) ?? { topic, messages: [] };
    known.messages.push(
      headers === undefined ? { key, value } : { key, value, headers: { ...headers } },
    );
    topics.set(topic, known);
  }
  return [...topics.values()];
}

/** A moment after which waiting ends with `broker_unreachable`. */
class Deadline {
  readonly #passed: Promise<never>;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#passed = promise;
    this.#passed.catch(() => undefined);
    this.#timer = setTimeout(
      () => reject(new Fault('broker_unreachable', `no acknowledgement within ${ms} ms`)),
      ms,
    );
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#passed]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
