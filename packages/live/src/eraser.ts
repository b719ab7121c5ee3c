import { randomUUID } from 'node:crypto';

import { createHistoryEraser } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import {
  DeadLetterBox,
  type EventProducer,
  type KafkaClient,
  LogRanges,
  createDeadLetterSink,
  topicsOf,
} from '@kpi/kafka';
import {
  Erasures,
  type RedisClient,
  TaskLease,
  archivedOffsets,
  createIdentity,
  hearingStates,
} from '@kpi/redis';
import { type Clock, type EngineConfig, type Logger, pause } from '@kpi/runtime';

import { carryOut } from './erasure.ts';
import { createTeller } from './facts-log.ts';

export interface EraserOptions {
  readonly config: EngineConfig;
  readonly client: RedisClient;
  readonly kafka: KafkaClient;
  readonly producer: EventProducer;
  readonly log: Logger;
  readonly clock: Clock;
}

/** A process that died is replaced after this long; one that works renews the lease. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const RELEASE_MS = 1;
/** How often somebody looks for erasures. */
const LOOK_MS = 1_000;

/** Carries out the erasures that are asked for, in one process of all; what is interrupted goes on at the next look, anywhere. */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #stop = new AbortController();
  readonly #lease: TaskLease;
  readonly #erasures: Erasures;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EraserOptions) {
    this.#options = options;
    const { client, config } = options;
    const store = { client, prefix: config.KPI_REDIS_PREFIX };
    // Two in one process are two holders.
    this.#lease = new TaskLease({ ...store, task: 'erase', holder: randomUUID() });
    this.#erasures = new Erasures(store);
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#lease.hold(RELEASE_MS).catch(() => false);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { log } = this.#options;
    while (!signal.aborted) {
      await pause(LOOK_MS, signal);
      try {
        await this.#look();
      } catch (error) {
        if (signal.aborted) return;
        // It stays pending, and archiving must not end for it.
        if (error instanceof Fault)
          log.warn({ code: error.code, detail: error.detail }, 'erasure will be tried again');
        else log.error({ err: error }, 'erasure failed and will be tried again');
      }
    }
  }

  async #look(): Promise<void> {
    if (!(await this.#lease.hold(LEASE_MS))) return;
    const pending = await this.#erasures.pending();
    if (pending.length === 0) return;
    const renewing = setInterval(() => {
      // A lease that cannot be renewed is no harm: every step may be done twice.
      void this.#lease.hold(LEASE_MS).catch(() => false);
    }, RENEW_MS);
    try {
      await this.#carryOut(pending);
    } finally {
      clearInterval(renewing);
    }
  }

  async #carryOut(pending: Awaited<ReturnType<Erasures['pending']>>): Promise<void> {
    const { config, client, kafka, producer, log, clock } = this.#options;
    const topics = topicsOf(config);
    const partitions = config.KPI_PARTITIONS;
    const store = { client, prefix: config.KPI_REDIS_PREFIX };
    const history = createHistoryEraser(config);
    const ranges = new LogRanges(kafka);
    const letters = new DeadLetterBox({
      kafka,
      topic: topics.deadLetters,
      groupPrefix: config.KPI_TOPIC_PREFIX,
      log,
      clock,
    });
    const options = {
      erasures: this.#erasures,
      history,
      identity: createIdentity(store),
      letters,
      deadLetters: createDeadLetterSink(producer, topics.deadLetters),
      ranges,
      topics: topics.input,
      factsTopic: topics.facts,
      tell: createTeller({ producer, topic: topics.facts, partitions }),
      archived: () => archivedOffsets(client, config),
      hearing: () => hearingStates({ ...store, partitions }),
      log,
      clock,
      signal: this.#stop.signal,
    };
    try {
      for (const erasure of pending) await carryOut(erasure, options);
    } finally {
      await Promise.all([history.close(), ranges.close(), letters.close()]);
    }
  }
}
