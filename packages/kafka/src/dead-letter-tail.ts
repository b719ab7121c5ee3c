import { randomUUID } from 'node:crypto';

import { type Logger } from '@kpi/runtime';
import { type Consumer, type KafkaMessage } from 'kafkajs';

import { type KafkaClient } from './connection.ts';
import { type DeadLetter, parseDeadLetter } from './dead-letters.ts';
import { LogRanges } from './log-ranges.ts';

/** What is known of a refused event without anything that the event said itself. */
export type LetterSummary = Pick<
  DeadLetter,
  'id' | 'reason' | 'path' | 'origin' | 'source' | 'tenant_id' | 'refused_at'
>;

export interface TailOptions {
  readonly kafka: KafkaClient;
  /** The dead-letter topic; it has one partition. */
  readonly topic: string;
  /** Before the name of the group that this reader is; the group ends with the reader. */
  readonly groupPrefix: string;
  readonly log: Logger;
}

/** Letters that are remembered: a list that people look at, not an archive. */
const LETTERS_MAX = 50;
/** Records at the end of the topic that are read at first; some are removals, or letters refused again. */
const RECORDS_MAX = 200;
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } as const;

/** Follows the newest dead letters, once somebody has asked for them. Bodies are read past, never kept. */
export class DeadLetterTail {
  readonly #options: TailOptions;
  readonly #letters = new Map<string, LetterSummary>();
  #consumer: Consumer | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** The newest letters that were not removed, newest first, as far as they have been read. Begins to follow at the first call. */
  read(): readonly LetterSummary[] {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'dead letters cannot be followed');
      this.#starting = undefined;
    });
    return [...this.#letters.values()].toReversed();
  }

  async close(): Promise<void> {
    this.#starting ??= Promise.resolve();
    await this.#starting;
    await this.#consumer?.disconnect();
  }

  async #start(): Promise<void> {
    const { kafka, topic, groupPrefix } = this.#options;
    const ranges = new LogRanges(kafka);
    const { start = 0, end = 0 } = (await ranges.read(topic)).get(0) ?? {};
    await ranges.close();
    const groupId = `${groupPrefix}dead-letter-tail-${randomUUID()}`;
    const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, retry: RETRY });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // The client restarts itself after an outage; after anything else the next question starts a new reader.
      if (!payload.restart) this.#starting = undefined;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ message }) => {
        this.#take(message);
        return Promise.resolve();
      },
    });
    consumer.seek({ topic, partition: 0, offset: String(Math.max(start, end - RECORDS_MAX)) });
  }

  #take({ key, value }: KafkaMessage): void {
    const id = String(key ?? '');
    this.#letters.delete(id);
    const letter = value === null ? undefined : parseDeadLetter(value);
    if (letter === undefined) return;
    const { reason, path, origin, source, tenant_id, refused_at } = letter;
    this.#letters.set(id, { id, reason, path, origin, source, tenant_id, refused_at });
    const [oldest] = this.#letters.keys();
    if (this.#letters.size > LETTERS_MAX && oldest !== undefined) this.#letters.delete(oldest);
  }
}
