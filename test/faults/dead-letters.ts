import { type DeadLetter, parseDeadLetter } from '@kpi/kafka';

import { type Pipeline, until } from '../support/pipeline.ts';

/** Follows the dead-letter topic from its beginning, as compaction leaves it: the last letter of each id. */
export class DeadLetterReader {
  readonly letters = new Map<string, DeadLetter>();
  /** Records read, repetitions included. */
  records = 0;
  readonly #close: () => Promise<void>;

  constructor(close: () => Promise<void>) {
    this.#close = close;
  }

  take(value: Buffer | null): void {
    this.records += 1;
    const letter = value === null ? undefined : parseDeadLetter(value);
    if (letter === undefined) throw new Error('a record of the dead-letter topic is no letter');
    this.letters.set(letter.id, letter);
  }

  async untilRecords(count: number): Promise<void> {
    await until(`${count} records in the dead letters`, () => this.records >= count);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

export async function followDeadLetters({
  kafka,
  topics,
  config,
}: Pipeline): Promise<DeadLetterReader> {
  const consumer = kafka.consumer({
    groupId: `${config.KPI_TOPIC_PREFIX}letters`,
    maxWaitTimeInMs: 100,
  });
  const reader = new DeadLetterReader(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.deadLetters], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      reader.take(message.value);
      return Promise.resolve();
    },
  });
  return reader;
}
