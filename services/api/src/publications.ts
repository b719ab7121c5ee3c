import { Fault, PART } from '@kpi/core';
import type { PlacedValue, ValueBoard } from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';
import { z } from 'zod';

/** Not much behind the evaluator, which publishes four times a second; looking costs Redis two small reads. */
const FOLLOW_INTERVAL_MS = 50;
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

/** All values that hold, and the id after which changes to them follow. */
export interface Snapshot {
  readonly last: string;
  /** JSON by address. */
  readonly values: ReadonlyMap<string, string>;
}

export interface PublicationsOptions {
  readonly board: ValueBoard;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Follows what the evaluator publishes: revisions for answers, and every change for streams. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #editions = new Map<string, Edition>();
  #current = new Map<string, string>();
  #recent: readonly PlacedValue[] = [];
  #last = '';
  #moved = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #leaseUntil = 0;
  #publisherSeenAt: number | undefined;

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  /** Read what there is and keep up with it until {@link close}. Throws `store_unreachable`. */
  async open(): Promise<void> {
    await this.#load();
    this.#following = this.#follow();
  }

  /** Id of the last value published; empty before the first. */
  get last(): string {
    return this.#last;
  }

  /** When an evaluator was last seen at work, ms; undefined when none ever was. */
  get publisherSeenAt(): number | undefined {
    return this.#publisherSeenAt;
  }

  /** How often the value of a window end was revised after it was first published; 0 when it never was. */
  revisionOf(place: PublishedPlace, to: string): number {
    const { tenantId, kpiId, windowMs, dimension = '', group = '' } = place;
    const address = [tenantId, kpiId, String(windowMs), dimension, group].join(PART);
    const edition = this.#editions.get(address);
    return edition?.to === to ? edition.revision : 0;
  }

  /** All values as they are now, of one moment. */
  snapshot(): Snapshot {
    return { last: this.#last, values: new Map(this.#current) };
  }

  /**
   * Values published after an id, oldest first, a page at most; undefined when nothing continues that id: too much was
   * published since, or it is of a store that was set back. Throws `store_unreachable`.
   */
  async after(id: string): Promise<readonly PlacedValue[] | undefined> {
    if (id === this.#last) return [];
    const from = this.#recent.findLastIndex((value) => value.after === id);
    if (from >= 0) return this.#recent.slice(from);
    const { isContinuous, values } = await this.#options.board.after(id);
    return isContinuous ? values : undefined;
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
        this.#options.log.warn({ err: error }, 'published values cannot be read');
        await pause(RETRY_INTERVAL_MS, signal);
      }
    }
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const { isContinuous, values, leaseUntil } = await this.#options.board.after(this.#last);
      this.#notePublisher(leaseUntil);
      if (!isContinuous) {
        this.#options.log.warn(
          { last: this.#last },
          'the board does not continue, reading it anew',
        );
        await this.#load();
        return;
      }
      if (values.length === 0) return;
      for (const { address, json } of values) this.#remember(address, json);
      this.#recent = [...this.#recent, ...values].slice(-RECENT_MAX);
      this.#last = values.at(-1)?.id ?? this.#last;
      this.#tellMoved();
    }
  }

  async #load(): Promise<void> {
    const { last, values } = await this.#options.board.current();
    this.#current = new Map();
    this.#editions.clear();
    for (const [address, json] of values) this.#remember(address, json);
    this.#recent = [];
    this.#last = last;
    this.#tellMoved();
  }

  /** The lease is renewed four times a second, by a clock that need not be ours: only its movement says something. */
  #notePublisher(leaseUntil: number): void {
    if (leaseUntil === this.#leaseUntil) return;
    this.#leaseUntil = leaseUntil;
    this.#publisherSeenAt = this.#options.clock();
  }

  #tellMoved(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  #remember(address: string, json: string): void {
    const { window, revision } = EDITION.parse(JSON.parse(json));
    this.#editions.set(address, { to: window.to, revision });
    this.#current.set(address, json);
  }
}
