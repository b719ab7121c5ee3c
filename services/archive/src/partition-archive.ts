import { type History } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import { type LogBatch } from '@kpi/kafka';
import { type ArchivePlan, type ArchivedPartition } from '@kpi/redis';
import { type Clock, type Logger, type Obstacle, pause } from '@kpi/runtime';

import { RangeBuffer, type Stretch } from './range-buffer.ts';

export interface PartitionArchiveOptions {
  readonly partition: number;
  readonly archived: ArchivedPartition;
  readonly history: Pick<History, 'insertBlocks'>;
  /** Part of every token: installations may share a server. */
  readonly installation: string;
  /** Rows after which an insert is made at once. */
  readonly rowsMax: number;
  /** How long rows wait for more, ms. */
  readonly waitMs: number;
  /** Whether the log holds many more records to be read at once. */
  readonly isBehind: () => boolean;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onInserted: (rows: number, tookMs: number) => void;
  /** A store was away; the insert will be tried again. */
  readonly onRetry?: (fault: Fault) => void;
  /** Called when the partition cannot go on. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Memory of one partition's rows after which they are inserted at once. Making an insert of them takes about twice as much
 * again; columns whose rows are null in one stretch and not in another are what makes it more.
 */
const BYTES_MAX = 32 * 1_048_576;
/**
 * How long rows wait while there is much to catch up with, ms: an insert costs ClickHouse as much as thousands of rows, and
 * merging small parts afterwards does too.
 */
const BEHIND_WAIT_MS = 5_000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;

/**
 * Archives one partition: rows are collected, a plan of their offsets is recorded, they are inserted with a token made of the
 * plan, and the plan is committed. Whatever is interrupted is repeated with the same plan, hence the same rows and token.
 */
export class PartitionArchive {
  readonly #options: PartitionArchiveOptions;
  readonly #buffer = new RangeBuffer();
  readonly #stop = new AbortController();
  #unfinished: ArchivePlan | undefined;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  #obstacle: Obstacle | undefined;

  constructor(options: PartitionArchiveOptions) {
    this.#options = options;
    this.#unfinished = options.archived.unfinished;
  }

  /** What keeps rows from being inserted just now: a store does not answer. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacle;
  }

  /** Where stretches of a topic must be cut: a plan that was left unfinished begins or ends there, and its rows go alone. */
  cutsOf(topic: string): readonly number[] {
    const ranges = this.#options.archived.unfinished?.ranges ?? [];
    return ranges.flatMap((range) => (range.topic === topic ? [range.from, range.to] : []));
  }

  /** How many erasures the plan left unfinished knew of, for a stretch that is in it; undefined for any other. */
  erasuresOf({ topic, firstOffset }: Pick<LogBatch, 'topic' | 'firstOffset'>): number | undefined {
    const { unfinished } = this.#options.archived;
    const isInside = unfinished?.ranges.some(
      (range) => range.topic === topic && range.from <= firstOffset && firstOffset < range.to,
    );
    return isInside === true ? unfinished?.erasures : undefined;
  }

  /** Take over a stretch that has no cut inside. Waits while too many rows wait. Throws what made the partition fail. */
  async add(stretch: Stretch): Promise<void> {
    this.#requireWorking();
    this.#buffer.add(stretch);
    if (this.#isFull()) await this.#flush();
    else this.#flushLater();
    this.#requireWorking();
  }

  /** Whether the ledger still is where this left it. Throws what made the partition fail, or the ledger's Fault. */
  async confirm(): Promise<void> {
    this.#requireWorking();
    await this.#options.archived.confirm();
    this.#requireWorking();
  }

  /** Stop; what was not committed is read again by the next archivist. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#failure === undefined)
      await Promise.race([this.#flush(), pause(this.#options.waitMs)]);
    this.#stop.abort();
    await this.#flushing;
  }

  #requireWorking(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing ??= this.#work()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#options.onFailed(error);
      })
      .finally(() => {
        this.#flushing = undefined;
        // What came while the insert was made has had its turn with this one.
        if (!this.#buffer.isEmpty && this.#failure === undefined) this.#flushLater();
      });
    return this.#flushing;
  }

  #flushLater(): void {
    if (this.#stop.signal.aborted) return;
    const { waitMs, isBehind } = this.#options;
    this.#timer ??= setTimeout(() => {
      if (!isBehind()) return void this.#flush();
      this.#timer = setTimeout(() => void this.#flush(), Math.max(0, BEHIND_WAIT_MS - waitMs));
    }, waitMs);
  }

  async #work(): Promise<void> {
    while (!this.#buffer.isEmpty && !this.#stop.signal.aborted) {
      const plan = this.#unfinished ?? this.#buffer.plan();
      if (!this.#buffer.covers(plan)) return;
      this.#unfinished = plan;
      await this.#repeat(() => this.#carryOut(plan));
      if (this.#stop.signal.aborted) return;
      this.#buffer.drop(plan);
      this.#unfinished = undefined;
      if (!this.#isFull()) return;
    }
  }

  #isFull(): boolean {
    return this.#buffer.rows >= this.#options.rowsMax || this.#buffer.bytes >= BYTES_MAX;
  }

  async #carryOut(plan: ArchivePlan): Promise<void> {
    const { archived, history, onInserted, clock } = this.#options;
    const begunAt = clock();
    const { blocks, ...leftOut } = this.#buffer.take(plan);
    await archived.plan(plan);
    await history.insertBlocks({ blocks, token: this.#tokenOf(plan), signal: this.#stop.signal });
    await archived.commit(plan, leftOut);
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    onInserted(rows, clock() - begunAt);
  }

  #tokenOf({ ranges }: ArchivePlan): string {
    const parts = ranges.map(({ topic, from, to }) => `${topic}:${from}-${to}`);
    return [this.#options.installation, this.#options.partition, ...parts].join(' ');
  }

  /** Again and again while an engine is away: rows wait here and the log is not read further. */
  async #repeat(work: () => Promise<void>): Promise<void> {
    for (
      let waitMs = RETRY_MS;
      !this.#stop.signal.aborted;
      waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)
    ) {
      try {
        await work();
        this.#obstacle = undefined;
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!(error instanceof Fault && error.retryable)) throw error;
        const since = this.#obstacle?.since ?? this.#options.clock();
        this.#obstacle = { since, code: error.code, reason: error.detail };
        this.#options.onRetry?.(error);
        this.#options.log.warn({ err: error, partition: this.#options.partition }, 'archive waits');
        await pause(waitMs, this.#stop.signal);
      }
    }
  }
}
