import { Fault } from '@kpi/core';
import { pause, type Clock, type Logger } from '@kpi/runtime';

import { BatchQueue } from './batch-queue.ts';
import { type ConsumerObserver } from './consumer-metrics.ts';
import { type Hindrance } from './hindrance.ts';
import { batchId, type LogBatch } from './log-batch.ts';
import { type PartitionTask } from './partition-task.ts';
import { type Turns } from './turns.ts';

const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;
/** How long a store that fell back may go unnoticed while nothing comes: it lacks events that nobody would send again. */
const CONFIRM_MS = 2_000;

export interface PartitionWorkerOptions {
  readonly task: PartitionTask;
  readonly log: Logger;
  readonly clock: Clock;
  readonly batchRecordsMax: number;
  /** How long records may wait for more to come before they are applied, ms. */
  readonly lingerMs: number;
  readonly hindrance: Hindrance;
  readonly observer: ConsumerObserver | undefined;
  /** Shared by all partitions of a consumer. */
  readonly turns: Turns;
  /** After each stretch that was applied. */
  readonly onApplied: (batch: LogBatch) => void;
}

/** Applies the stretches of one partition, one at a time, and repeats what failed for a reason that passes. */
export class PartitionWorker {
  readonly #options: PartitionWorkerOptions;
  readonly #queue: BatchQueue;
  readonly #stop = new AbortController();
  #wake = new AbortController();

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.#queue = new BatchQueue(options.batchRecordsMax);
  }

  /** Whether something of a topic waits to be applied. */
  holds(topic: string): boolean {
    return this.#queue.holds(topic);
  }

  offer(batch: LogBatch): void {
    this.#queue.push(batch, this.#options.clock());
    this.#wake.abort();
  }

  /** Finish the stretch in hand and drop the others; {@link run} then returns. */
  stop(): void {
    this.#stop.abort();
    this.#wake.abort();
  }

  /** Works until stopped. Rejects with the first error that a repetition cannot help. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#waitForWork();
      if (this.#queue.isEmpty) await this.#confirm();
      const batch = this.#stop.signal.aborted ? undefined : this.#queue.take();
      if (batch !== undefined) await this.#applyUntilDone(batch);
    }
  }

  async #waitForWork(): Promise<void> {
    const { batchRecordsMax, lingerMs, clock } = this.#options;
    while (!this.#stop.signal.aborted && this.#queue.records < batchRecordsMax) {
      const oldestMs = this.#queue.oldestMs;
      const leftMs = oldestMs === undefined ? CONFIRM_MS : oldestMs + lingerMs - clock();
      if (leftMs <= 0) return;
      await this.#sleep(leftMs);
      if (this.#queue.isEmpty) return;
    }
  }

  /** Ask the task whether its store is still where it left it. A store that does not answer just now is asked again later. */
  async #confirm(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      await this.#options.task.confirm?.();
      this.#options.hindrance.passed();
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
      this.#options.hindrance.met(error);
    }
  }

  /** Until something is offered or stopped, or `ms` passed. */
  async #sleep(ms: number): Promise<void> {
    this.#wake = new AbortController();
    await pause(ms, this.#wake.signal);
  }

  async #applyUntilDone(batch: LogBatch): Promise<void> {
    const { clock } = this.#options;
    const begunAt = clock();
    for (let waitMs = BACKOFF_MS_MIN; ; waitMs = Math.min(2 * waitMs, BACKOFF_MS_MAX)) {
      try {
        await this.#options.turns.take(() => this.#options.task.apply(batch));
        this.#options.hindrance.passed();
        this.#options.onApplied(batch);
        this.#tell(batch, clock() - begunAt);
        return;
      } catch (error) {
        if (!(error instanceof Fault) || !error.retryable) throw error;
        this.#options.hindrance.met(error);
        this.#options.observer?.onRetry(error);
        const { code, detail } = error;
        const fields = { code, detail, batch: batchId(batch) };
        this.#options.log.warn(fields, 'batch could not be applied, will be tried again');
      }
      await pause(waitMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
    }
  }

  /** One line for each batch, for whoever follows one through the services. */
  #tell(batch: LogBatch, tookMs: number): void {
    const { log } = this.#options;
    if (!log.isLevelEnabled('debug')) return;
    const fields = { batch: batchId(batch), records: batch.records.length, took_ms: tookMs };
    log.debug(fields, 'batch applied');
  }
}
