import { Fault } from '@kpi/core';
import { type Clock, type Logger, pause } from '@kpi/runtime';
import { type KafkaMessage } from 'kafkajs';

import { asFault } from './admin.ts';
import { type KafkaClient } from './connection.ts';
import { type DeadLetter, parseDeadLetter } from './dead-letters.ts';
import { LetterReader } from './letter-reader.ts';
import { LogRanges } from './log-ranges.ts';

export interface DeadLetterBoxOptions {
  readonly kafka: KafkaClient;
  /** The dead-letter topic; it has one partition. */
  readonly topic: string;
  /** Before the name of the group that this reader is; the group ends with the reader. */
  readonly groupPrefix: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Bytes of letters that are held. */
  readonly bytesMax?: number;
}

/** A letter with its place in the topic: later refusals have later places. */
export interface HeldLetter {
  readonly offset: number;
  /** Bytes of the whole letter. */
  readonly bytes: number;
  /** Reads the letter anew: most lists want little of it. */
  readonly open: () => DeadLetter;
}

/** All letters at one moment. */
export interface DeadLetters {
  /** The letters that are not replayed or dropped, oldest first. */
  readonly held: ReadonlyMap<string, HeldLetter>;
  /** Letters that are there and did not fit: they come once some of the others are gone. */
  readonly unheld: number;
  /** Offset after the last record that was read. */
  readonly end: number;
}

const BYTES_MAX = 256 * 1_048_576;
/** A broker that is there brings a hundred thousand letters in this time. */
const READ_MS_MAX = 30_000;
const POLL_MS = 10;

/**
 * The dead letters of an installation, held whole by one process from the first question on. Reading them again for each
 * question would make a replay of many letters quadratic.
 */
export class DeadLetterBox {
  readonly #options: DeadLetterBoxOptions;
  readonly #ranges: LogRanges;
  #reading: Promise<Reading> | undefined;

  constructor(options: DeadLetterBoxOptions) {
    this.#options = options;
    this.#ranges = new LogRanges(options.kafka);
  }

  /** Every letter that the broker has at this moment. Throws `broker_unreachable`. */
  async read(): Promise<DeadLetters> {
    const { topic, clock } = this.#options;
    const { end = 0 } = (await this.#ranges.read(topic)).get(0) ?? {};
    const reading = await this.#start();
    const giveUpAt = clock() + READ_MS_MAX;
    while (reading.position < end) {
      if (clock() > giveUpAt || reading.hasEnded) {
        await this.#forget();
        throw new Fault('broker_unreachable', 'the dead letters could not be read in time');
      }
      await pause(POLL_MS);
    }
    if (!reading.mayHoldMore) return reading.letters();
    // What did not fit at first fits now.
    await this.#forget();
    return this.read();
  }

  async close(): Promise<void> {
    await this.#forget();
    await this.#ranges.close();
  }

  #start(): Promise<Reading> {
    this.#reading ??= Reading.start(this.#options).catch((error: unknown) => {
      this.#reading = undefined;
      throw asFault(error);
    });
    return this.#reading;
  }

  async #forget(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await (await reading?.catch(() => undefined))?.close();
  }
}

/** One reader of the topic, from its beginning, and what it has seen. */
class Reading {
  readonly #bytesMax: number;
  /** Undefined for a letter that did not fit. */
  readonly #letters = new Map<string, HeldLetter | undefined>();
  #reader: LetterReader | undefined;
  #bytes = 0;
  #unheld = 0;
  #position = 0;
  #hasEnded = false;

  private constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  static async start(options: DeadLetterBoxOptions): Promise<Reading> {
    const { kafka, topic, groupPrefix, log, bytesMax = BYTES_MAX } = options;
    const reading = new Reading(bytesMax);
    reading.#reader = await LetterReader.start({
      kafka,
      topic,
      groupName: `${groupPrefix}dead-letter-box`,
      onRecord: (record) => reading.#take(record),
      onEnded: () => (reading.#hasEnded = true),
    });
    log.debug({ topic }, 'reading dead letters');
    return reading;
  }

  /** Offset after the last record that was read. */
  get position(): number {
    return this.#position;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether there are letters that did not fit and would now. */
  get mayHoldMore(): boolean {
    return this.#unheld > 0 && this.#bytes < this.#bytesMax / 2;
  }

  letters(): DeadLetters {
    const held = [...this.#letters].flatMap(([id, letter]) =>
      letter === undefined ? [] : [[id, letter] as const],
    );
    return { held: new Map(held), unheld: this.#unheld, end: this.#position };
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  #take({ key, value, offset }: KafkaMessage): void {
    const at = Number(offset);
    // A reader that reconnects starts over.
    if (at < this.#position) return;
    this.#position = at + 1;
    const id = String(key ?? '');
    this.#remove(id);
    if (value === null || parseDeadLetter(value) === undefined) return;
    if (this.#bytes + value.length > this.#bytesMax) {
      this.#letters.set(id, undefined);
      this.#unheld += 1;
      return;
    }
    this.#bytes += value.length;
    this.#letters.set(id, { offset: at, bytes: value.length, open: () => reopen(value) });
  }

  #remove(id: string): void {
    if (!this.#letters.has(id)) return;
    const before = this.#letters.get(id);
    if (before === undefined) this.#unheld -= 1;
    else this.#bytes -= before.bytes;
    this.#letters.delete(id);
  }
}

function reopen(value: Buffer): DeadLetter {
  const letter = parseDeadLetter(value);
  if (letter === undefined) throw new TypeError('a letter that was read before is none');
  return letter;
}
