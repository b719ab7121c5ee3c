import { Fault, PART } from '@kpi/core';
import type { SequencedValue, ValueBoard } from '@kpi/redis';
import { type Logger, pause } from '@kpi/runtime';
import { z } from 'zod';

/** A fifth of a second behind the evaluator, which publishes four times a second. */
const FOLLOW_INTERVAL_MS = 200;
const RETRY_INTERVAL_MS = 1_000;

/** Values kept in memory for streams that keep up; those that do not are served by the board. */
const RECENT_MAX = 2_000;

/** What of a published value decides whether an answer of ours is the same one, revised. */
interface Edition {
  readonly to: string;
  readonly revision: number;
}

const EDITION = z.object({ window: z.object({ to: z.string() }), revision: z.int() });

/** Where a value without filter, in all or by one dimension, is published. */
export interface PublishedPlace {
  readonly tenantId: string;
  readonly kpiId: string;
  readonly windowMs: number;
  readonly dimension?: string;
  readonly group?: string;
}

/** Follows what the evaluator publishes: revisions for answers, and every change for streams. */
export class Publications {
  readonly #board: ValueBoard;
  readonly #log: Logger;
  readonly #editions = new Map<string, Edition>();
  #recent: readonly SequencedValue[] = [];
  #moved = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #sequence = 0;

  constructor(options: { readonly board: ValueBoard; readonly log: Logger }) {
    this.#board = options.board;
    this.#log = options.log;
  }

  /** Read what there is and keep up with it until {@link close}. Throws `store_unreachable`. */
  async open(): Promise<void> {
    for (const [address, json] of await this.#board.current()) this.#remember(address, json);
    await this.#catchUp();
    this.#following = this.#follow();
  }

  /** Sequence number of the last value published. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How often the value of a window end was revised after it was first published; 0 when it never was. */
  revisionOf(place: PublishedPlace, to: string): number {
    const { tenantId, kpiId, windowMs, dimension = '', group = '' } = place;
    const address = [tenantId, kpiId, String(windowMs), dimension, group].join(PART);
    const edition = this.#editions.get(address);
    return edition?.to === to ? edition.revision : 0;
  }

  /** Values published after a sequence number, oldest first, a page at most. Throws `store_unreachable`. */
  async after(sequence: number): Promise<readonly SequencedValue[]> {
    if (sequence >= this.#sequence) return [];
    const isRecent = sequence + 1 >= (this.#recent[0]?.sequence ?? Infinity);
    if (!isRecent) return this.#board.after(sequence);
    return this.#recent.filter((value) => value.sequence > sequence);
  }

  /** Resolves when something more is published, or at the abort. */
  async moved(signal: AbortSignal): Promise<void> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const onAbort = (): void => resolve();
    if (signal.aborted) return;
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#moved.promise, aborted]);
    signal.removeEventListener('abort', onAbort);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#catchUp();
        await pause(FOLLOW_INTERVAL_MS, signal);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#log.warn({ err: error }, 'published values cannot be read');
        await pause(RETRY_INTERVAL_MS, signal);
      }
    }
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const values = await this.#board.after(this.#sequence);
      if (values.length === 0) return;
      for (const { address, json } of values) this.#remember(address, json);
      this.#recent = [...this.#recent, ...values].slice(-RECENT_MAX);
      this.#sequence = values.at(-1)?.sequence ?? this.#sequence;
      this.#moved.resolve();
      this.#moved = Promise.withResolvers();
    }
  }

  #remember(address: string, json: string): void {
    const { window, revision } = EDITION.parse(JSON.parse(json));
    this.#editions.set(address, { to: window.to, revision });
  }
}
