import { Fault, type PlacedFact } from '@kpi/core';
import { pause } from '@kpi/runtime';

/** Homes as history has them, and what their events have said since. */
export interface ReadAgain {
  readonly facts: ReadonlyMap<string, readonly PlacedFact[]>;
  /** Those of them that have become stale again meanwhile. */
  readonly stillStale: ReadonlySet<string>;
}

export interface RereadingOptions {
  /** Homes that are stale from the beginning. */
  readonly stale: ReadonlySet<string>;
  /** What history has of homes, of all events before the place where the partition stands now. */
  readonly read: (
    keys: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, readonly PlacedFact[]>>;
  /** Let the homes be what was read. It is collected between two batches, and no batch comes before it is taken. */
  readonly take: (collect: () => ReadAgain) => Promise<void>;
  /** It failed and will be tried again. */
  readonly onHindered: (fault: Fault) => void;
  /** Nothing is read before somebody waits for it: {@link Rereading.settled}. */
  readonly isHeld?: boolean;
}

const RETRY_MS = 500;
const POLL_MS = 50;
/** Homes that are read at once: all that their events say is in memory then. */
const HOMES_MAX = 25;
/** Facts that are kept while history is awaited; with more the homes are read anew, as of a later place. */
const LATER_FACTS_MAX = 50_000;

/** Homes that are being read from history as of one place, and what their events said after it. */
interface Round {
  readonly keys: readonly string[];
  readonly later: Map<string, PlacedFact[]>;
  readonly reading: AbortController;
}

/** Homes that somebody waits for, and the round that does not count because it began before they became stale. */
type Unread = Map<string, Round | undefined>;

/**
 * Homes of a partition that must be read again from history. Only they wait for it: batches go on, and what they say of such a home
 * is kept, so that it can be added to what history had.
 */
export class Rereading {
  readonly #options: RereadingOptions;
  readonly #waiting: Set<string>;
  readonly #stop = new AbortController();
  #isHeld: boolean;
  #round: Round | undefined;
  readonly #watched = new Set<Unread>();
  #running: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: RereadingOptions) {
    this.#options = options;
    this.#waiting = new Set(options.stale);
    this.#isHeld = options.isHeld ?? false;
  }

  /** How many homes are stale. */
  get stale(): number {
    return new Set([...this.#waiting, ...(this.#round?.keys ?? [])]).size;
  }

  /** Throws what ended it. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A batch was applied: homes that are stale from now on, and what its events said. Not while homes are taken. */
  note(stale: Iterable<string>, said: ReadonlyMap<string, readonly PlacedFact[]>): void {
    if (this.#round !== undefined) this.#keep(this.#round, said);
    for (const key of stale) this.#waiting.add(key);
    this.begin();
  }

  /** Read what is stale, if that is not under way. */
  begin(): void {
    const isOver = this.#stop.signal.aborted || this.#failure !== undefined;
    if (isOver || this.#isHeld || this.#waiting.size === 0) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.begin();
    });
  }

  /** Resolves when the homes that are stale now were read, or nothing is read any more. */
  async settled(signal: AbortSignal): Promise<void> {
    this.#isHeld = false;
    this.begin();
    const ended = AbortSignal.any([signal, this.#stop.signal]);
    const unread: Unread = new Map();
    for (const key of this.#round?.keys ?? []) unread.set(key, undefined);
    for (const key of this.#waiting) unread.set(key, this.#round);
    this.#watched.add(unread);
    try {
      while (unread.size > 0 && !ended.aborted) {
        this.check();
        await pause(POLL_MS, ended);
      }
    } finally {
      this.#watched.delete(unread);
    }
  }

  /** What is read is dropped: whoever has the partition next reads it. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#round?.reading.abort();
    await this.#running;
  }

  #keep({ later, reading }: Round, said: ReadonlyMap<string, readonly PlacedFact[]>): void {
    let kept = 0;
    for (const [key, facts] of later) {
      facts.push(...(said.get(key) ?? []));
      kept += facts.length;
    }
    if (kept > LATER_FACTS_MAX) reading.abort();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0 && !this.#stop.signal.aborted) await this.#readRound();
    } catch (error) {
      this.#failure = error;
    }
  }

  async #readRound(): Promise<void> {
    const keys = [...this.#waiting].slice(0, HOMES_MAX);
    const round: Round = {
      keys,
      later: new Map(keys.map((key) => [key, []])),
      reading: new AbortController(),
    };
    for (const key of keys) this.#waiting.delete(key);
    this.#round = round;
    try {
      const read = await this.#options.read(keys, round.reading.signal);
      if (round.reading.signal.aborted) for (const key of keys) this.#waiting.add(key);
      else {
        await this.#options.take(() => this.#collect(round, read));
        for (const unread of this.#watched)
          for (const key of keys) if (unread.get(key) !== round) unread.delete(key);
      }
    } catch (error) {
      for (const key of keys) this.#waiting.add(key);
      if (!(error instanceof Fault) || !error.retryable) throw error;
      this.#options.onHindered(error);
      await pause(RETRY_MS, this.#stop.signal);
    } finally {
      this.#round = undefined;
    }
  }

  #collect({ keys, later }: Round, read: ReadAgain['facts']): ReadAgain {
    const facts = keys.map(
      (key) => [key, [...(read.get(key) ?? []), ...(later.get(key) ?? [])]] as const,
    );
    return {
      facts: new Map(facts),
      stillStale: new Set(keys.filter((key) => this.#waiting.has(key))),
    };
  }
}
