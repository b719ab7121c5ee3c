import { randomUUID } from 'node:crypto';

import { type Consumer, type KafkaMessage } from 'kafkajs';

import { type KafkaClient } from './connection.ts';

export interface LetterReaderOptions {
  readonly kafka: KafkaClient;
  /** The dead-letter topic; it has one partition. */
  readonly topic: string;
  /** Name of the group that this reader is; the group ends with the reader. */
  readonly groupName: string;
  /** Offset to begin at; the beginning without. */
  readonly from?: number;
  /** Called with one record after the other. A reader that lost its brokers for a while starts over at the beginning. */
  readonly onRecord: (record: KafkaMessage) => void;
  /** Called when it ended by itself: for any reason but an outage. */
  readonly onEnded: () => void;
}

const FETCH_WAIT_MS = 250;
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } as const;

/** Follows a dead-letter topic until it is closed. */
export class LetterReader {
  readonly #consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async start(options: LetterReaderOptions): Promise<LetterReader> {
    const { kafka, topic, groupName, from, onRecord, onEnded } = options;
    const consumer = kafka.consumer({
      groupId: `${groupName}-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      retry: RETRY,
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // The client restarts itself after an outage.
      if (!payload.restart) onEnded();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachMessage: ({ message }) => {
          onRecord(message);
          return Promise.resolve();
        },
      });
      if (from !== undefined) consumer.seek({ topic, partition: 0, offset: String(from) });
      return new LetterReader(consumer);
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#consumer.disconnect();
  }
}
