import { type Admin } from 'kafkajs';

import { asFault } from './admin.ts';
import { type KafkaClient } from './connection.ts';

/** What the broker has of one partition: offsets from `start` to before `end`. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Asks brokers how far logs reach. After a failure the connection is made anew: the client keeps asking a broker that no
 * longer leads until its view of the cluster is minutes old.
 */
export class LogRanges {
  readonly #kafka: KafkaClient;
  #admin: Promise<Admin> | undefined;

  constructor(kafka: KafkaClient) {
    this.#kafka = kafka;
  }

  /** Range of every partition of a topic, by partition. Rejects with `broker_unreachable`. */
  async read(topic: string): Promise<ReadonlyMap<number, LogRange>> {
    this.#admin ??= this.#connect();
    const connected = this.#admin;
    try {
      const offsets = await (await connected).fetchTopicOffsets(topic);
      return new Map(
        offsets.map(({ partition, low, high }) => [
          partition,
          { start: Number(low), end: Number(high) },
        ]),
      );
    } catch (error) {
      if (this.#admin === connected) this.#admin = undefined;
      void disconnect(connected);
      throw asFault(error);
    }
  }

  async close(): Promise<void> {
    const connected = this.#admin;
    this.#admin = undefined;
    if (connected !== undefined) await disconnect(connected);
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }
}

/** A connection that was never made needs no end. */
async function disconnect(connected: Promise<Admin>): Promise<void> {
  const admin = await connected.catch(() => undefined);
  await admin?.disconnect();
}
