import { type Logger } from '@kpi/runtime';
import { type KafkaMessage } from 'kafkajs';

import { type KafkaClient } from './connection.ts';
import { type DeadLetter, parseDeadLetter } from './dead-letters.ts';
import { LetterReader } from './letter-reader.ts';
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

/** Follows the newest dead letters, once somebody has asked for them. Bodies are read past, never kept. */
export class DeadLetterTail {
  readonly #options: TailOptions;
  readonly #letters = new Map<string, LetterSummary>();
  #reader: LetterReader | undefined;
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
    await this.#reader?.close();
  }

  async #start(): Promise<void> {
    const { kafka, topic, groupPrefix } = this.#options;
    const ranges = new LogRanges(kafka);
    const { start = 0, end = 0 } = (await ranges.read(topic)).get(0) ?? {};
    await ranges.close();
    this.#reader = await LetterReader.start({
      kafka,
      topic,
      groupName: `${groupPrefix}dead-letter-tail`,
      from: Math.max(start, end - RECORDS_MAX),
      onRecord: (record) => this.#take(record),
      // The next question starts a new reader.
      onEnded: () => (this.#starting = undefined),
    });
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
