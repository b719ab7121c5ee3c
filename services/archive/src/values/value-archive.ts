import { type PublishedRow, type ValueHistory } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import { type Clock, type Logger, type Obstacle, pause } from '@kpi/runtime';

export interface ValueArchiveOptions {
  readonly history: Pick<ValueHistory, 'insert'>;
  /** How long values wait for more, ms: each insert is a part that ClickHouse must merge. */
  readonly waitMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onInserted: (rows: number) => void;
  /** Called when it cannot go on. */
  readonly onFailed: (error: unknown) => void;
}

/** Values of one insert, and as many may wait for the next; who adds more waits, and the topic is not read further. */
const ROWS_MAX = 20_000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;

/**
 * Collects values of all partitions of this process and inserts them together. Inserting again changes nothing, so it needs
 * no plan: what was not inserted when a process ended is read again from where ClickHouse stands.
 */
export class ValueArchive {
  readonly #options: ValueArchiveOptions;
  readonly #stop = new AbortController();
  #rows: PublishedRow[] = [];
  #inserting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #obstacle: Obstacle | undefined;

  constructor(options: ValueArchiveOptions) {
    this.#options = options;
  }

  /** What keeps values from being inserted just now. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacle;
  }

  /** Take values over. Waits while too many wait. */
  async add(rows: readonly PublishedRow[]): Promise<void> {
    while (this.#rows.length >= ROWS_MAX && !this.#stop.signal.aborted) await this.#insert();
    this.#rows.push(...rows);
    if (this.#rows.length > 0)
      this.#timer ??= setTimeout(() => void this.#insert(), this.#options.waitMs);
  }

  /** Insert what waits, if that works at once, and stop. */
  async close(): Promise<void> {
    await Promise.race([this.#insert(), pause(this.#options.waitMs)]);
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#inserting;
  }

  #insert(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#inserting ??= this.#insertAll()
      .catch((error: unknown) => this.#options.onFailed(error))
      .finally(() => {
        this.#inserting = undefined;
      });
    return this.#inserting;
  }

  async #insertAll(): Promise<void> {
    while (this.#rows.length > 0 && !this.#stop.signal.aborted) {
      const rows = this.#rows.slice(0, ROWS_MAX);
      await this.#untilInserted(rows);
      this.#rows = this.#rows.slice(rows.length);
    }
  }

  async #untilInserted(rows: readonly PublishedRow[]): Promise<void> {
    const { history, log, clock, onInserted } = this.#options;
    const { signal } = this.#stop;
    for (let waitMs = RETRY_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        await history.insert(rows, signal);
        this.#obstacle = undefined;
        onInserted(rows.length);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Fault && error.retryable)) throw error;
        const since = this.#obstacle?.since ?? clock();
        this.#obstacle = { since, code: error.code, reason: error.detail };
        log.warn({ err: error, rows: rows.length }, 'values wait');
        await pause(waitMs, signal);
      }
    }
  }
}
