import { type History } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import { type ArchivePlan, type ArchivedPartition } from '@kpi/redis';
import { type Clock, type Logger, type Obstacle, pause } from '@kpi/runtime';

import { RangeBuffer, type Stretch } from './range-buffer.ts';

export interface PartitionArchiveOptions {
  readonly partition: number;
  readonly archived: ArchivedPartition;
  readonly history: Pick<History, 'insertEvents'>;
  /** Part of every token: installations may share a server. */
  readonly installation: string;
  /** Rows after which an insert is made at once. */
  readonly rowsMax: number;
  /** How long rows wait for more, ms. */
  readonly waitMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onInserted: (rows: number, tookMs: number) => void;
  /** A store was away; the insert will be tried again. */
  readonly onRetry?: (fault: Fault) => void;
  /** Called when the partition cannot go on. */
  readonly onFailed: (error: unknown) => void;
}

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

  /** Take a stretch over. Waits while too many rows wait. Throws what made the partition fail. */
  async add(stretch: Stretch): Promise<void> {
    this.#requireWorking();
    this.#buffer.add(stretch);
    if (this.#buffer.rows >= this.#options.rowsMax) await this.#flush();
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
    this.#timer ??= setTimeout(() => void this.#flush(), this.#options.waitMs);
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
      if (this.#buffer.rows < this.#options.rowsMax) return;
    }
  }

  async #carryOut(plan: ArchivePlan): Promise<void> {
    const { archived, history, onInserted, clock } = this.#options;
    const begunAt = clock();
    const { rows, refused } = this.#buffer.take(plan);
    await archived.plan(plan);
    await history.insertEvents({ rows, token: this.#tokenOf(plan), signal: this.#stop.signal });
    await archived.commit(plan, refused);
    onInserted(rows.length, clock() - begunAt);
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
