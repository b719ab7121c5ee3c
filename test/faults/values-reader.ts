import { type KpiValue, PART } from '@kpi/core';
import { ValueBoard } from '@kpi/redis';

import { type Pipeline } from '../support/pipeline.ts';

/** A published value, where it belongs, and when it was seen here (ms). */
export interface SeenValue {
  readonly address: string;
  readonly value: KpiValue;
  readonly seenAt: number;
}

/** Where a value in all, without a dimension, is published. */
export function totalAddress(kpiId: string, windowMs: number): string {
  return ['acme', kpiId, String(windowMs), '', ''].join(PART);
}

/** Follows the topic of published values. */
export async function followValues({ kafka, topics, config }: Pipeline): Promise<{
  readonly seen: readonly SeenValue[];
  close(): Promise<void>;
}> {
  const seen: SeenValue[] = [];
  const consumer = kafka.consumer({
    groupId: `${config.KPI_TOPIC_PREFIX}values`,
    maxWaitTimeInMs: 50,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.values], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      const address = String(message.key ?? '');
      seen.push({ address, value: parse(String(message.value ?? '')), seenAt: Date.now() });
      return Promise.resolve();
    },
  });
  return { seen, close: () => consumer.disconnect() };
}

/** Follows the board, by its stream. */
export class BoardReader {
  readonly seen: SeenValue[] = [];
  readonly #board: ValueBoard;
  #last = '';

  constructor({ redis, config }: Pipeline) {
    this.#board = new ValueBoard({ client: redis, prefix: config.KPI_REDIS_PREFIX });
  }

  /** Take in what is new. Throws when the stream has a gap. */
  async read(): Promise<readonly SeenValue[]> {
    const { isContinuous, values } = await this.#board.after(this.#last);
    if (!isContinuous) throw new Error(`nothing continues ${this.#last}`);
    for (const { address, json, id } of values) {
      this.#last = id;
      this.seen.push({ address, value: parse(json), seenAt: Date.now() });
    }
    return this.seen;
  }

  /** The current value of an address. */
  async current(address: string): Promise<KpiValue | undefined> {
    const json = (await this.#board.current()).values.get(address);
    return json === undefined ? undefined : parse(json);
  }
}

function parse(json: string): KpiValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: only evaluators publish
  return JSON.parse(json) as KpiValue;
}
