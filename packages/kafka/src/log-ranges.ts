import { type Admin } from 'kafkajs';

import { asFault } from './admin.ts';
import { type KafkaClient } from './connection.ts';

/** What the broker has of one partition: offsets from `start` to before `end`. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/** Asks brokers how far logs reach. */
export class LogRanges {
  readonly #admin: Admin;
  #connected: Promise<void> | undefined;

  constructor(kafka: KafkaClient) {
    this.#admin = kafka.admin();
  }

  /** Range of every partition of a topic, by partition. Rejects with `broker_unreachable`. */
  async read(topic: string): Promise<ReadonlyMap<number, LogRange>> {
    try {
      this.#connected ??= this.#admin.connect();
      await this.#connected;
      const offsets = await this.#admin.fetchTopicOffsets(topic);
      return new Map(
        offsets.map(({ partition, low, high }) => [
          partition,
          { start: Number(low), end: Number(high) },
        ]),
      );
    } catch (error) {
      this.#connected = undefined;
      throw asFault(error);
    }
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }
}
