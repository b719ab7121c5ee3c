import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';
import { type Admin } from 'kafkajs';

import { asFault } from './admin.ts';
import { type KafkaClient } from './connection.ts';

/** What the broker has of one partition: offsets from `start` to before `end`. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

export type LogRangeByPartition = ReadonlyMap<number, LogRange>;

/** A question that has no answer by then is asked again, by a new connection: partitions cannot be opened without. */
const ANSWER_DEADLINE_MS = 5_000;

/**
 * Asks brokers how far logs reach, one question at a time: side by side on a new connection to several brokers the client now
 * and then never answers. After a failure the connection is made anew: the client keeps asking a broker that no longer leads
 * until its view of the cluster is minutes old.
 */
export class LogRanges {
  readonly #kafka: KafkaClient;
  readonly #deadlineMs: number;
  /** Questions that wait for their turn; whoever asks the same before then shares the answer. */
  readonly #waiting = new Map<string, Promise<LogRangeByPartition>>();
  #turn: Promise<unknown> = Promise.resolve();
  #admin: Promise<Admin> | undefined;

  constructor(kafka: KafkaClient, deadlineMs: number = ANSWER_DEADLINE_MS) {
    this.#kafka = kafka;
    this.#deadlineMs = deadlineMs;
  }

  /** Range of every partition of a topic, by partition, not older than the call. Rejects with `broker_unreachable`. */
  read(topic: string): Promise<LogRangeByPartition> {
    const shared = this.#waiting.get(topic);
    if (shared !== undefined) return shared;
    const answer = this.#turn.then(() => {
      this.#waiting.delete(topic);
      return this.#ask(topic);
    });
    this.#waiting.set(topic, answer);
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    const connected = this.#admin;
    this.#admin = undefined;
    if (connected !== undefined) await disconnect(connected);
  }

  async #ask(topic: string): Promise<LogRangeByPartition> {
    this.#admin ??= this.#connect();
    const connected = this.#admin;
    try {
      const offsets = await this.#inTime(connected.then((admin) => admin.fetchTopicOffsets(topic)));
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

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const answered = new AbortController();
    const overdue = pause(this.#deadlineMs, answered.signal).then((): never => {
      throw new Fault('broker_unreachable', `no answer within ${this.#deadlineMs} ms`);
    });
    overdue.catch(() => undefined);
    try {
      return await Promise.race([answer, overdue]);
    } finally {
      answered.abort();
    }
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
  await admin?.disconnect().catch(() => undefined);
}
