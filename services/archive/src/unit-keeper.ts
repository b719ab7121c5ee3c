import { randomUUID } from 'node:crypto';

import { type History } from '@kpi/clickhouse';
import { type DefinitionsByTenant, Fault } from '@kpi/core';
import { type TaskLease } from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

export interface UnitKeeperOptions {
  readonly history: Pick<History, 'keep'>;
  readonly lease: Pick<TaskLease, 'hold'>;
  /** Offset before which everything is archived, by `topic:partition`. Throws `store_unreachable`. */
  readonly readBound: () => Promise<ReadonlyMap<string, number>>;
  /** By what the live store in use counts. Throws `store_unreachable`. */
  readonly readDefinitions: () => Promise<DefinitionsByTenant>;
  /** At least this long from the end of one keeping to the next, ms; 0: never. */
  readonly intervalMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onKept: (tookMs: number) => void;
}

/** A process that died is replaced after this long; one that works renews the lease. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const RELEASE_MS = 1;
/** Keeping takes at most this share of the time, however large history has become. */
const REST_PER_WORK = 19;
/** How often a process asks for the lease and looks for records. */
const LOOK_MS = 5_000;

/** Keeps the units of KPIs up to date in ClickHouse, in one process of all, as long as records arrive. */
export class UnitKeeper {
  readonly #options: UnitKeeperOptions;
  readonly #stop = new AbortController();
  #kept = '';
  #dueAt: number;
  #isHolder = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: UnitKeeperOptions) {
    this.#options = options;
    this.#dueAt = options.clock() + options.intervalMs;
  }

  start(): void {
    if (this.#options.intervalMs > 0) this.#running = this.#run();
  }

  /** Gives up what is being kept: reads go on with what was kept before. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    // Lets the next one take over at once; without it, it waits.
    if (this.#isHolder) await this.#options.lease.hold(RELEASE_MS).catch(() => false);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { intervalMs, log } = this.#options;
    while (!signal.aborted) {
      await pause(Math.min(intervalMs, LOOK_MS), signal);
      try {
        await this.#look();
      } catch (error) {
        if (signal.aborted) return;
        // Reads derive what is not kept, and archiving must not end for it.
        if (error instanceof Fault)
          log.warn({ code: error.code, detail: error.detail }, 'units were not kept');
        else log.error({ err: error }, 'units cannot be kept');
      }
    }
  }

  /** Keep units when it is time and records have come. Whoever keeps them holds the lease while it rests, too. */
  async #look(): Promise<void> {
    const { lease, readBound, readDefinitions, clock, intervalMs, log, onKept } = this.#options;
    const begun = clock();
    this.#isHolder = await lease.hold(LEASE_MS);
    if (!this.#isHolder || begun < this.#dueAt) return;
    const bound = Object.fromEntries(await readBound());
    const definitions = await readDefinitions();
    const text = JSON.stringify([bound, ...definitions]);
    if (Object.keys(bound).length === 0 || text === this.#kept) return;
    // Also after a failure.
    this.#dueAt = begun + intervalMs;
    await this.#keep({ bound, definitions });
    const tookMs = clock() - begun;
    this.#kept = text;
    this.#dueAt = clock() + Math.max(intervalMs, REST_PER_WORK * tookMs);
    onKept(tookMs);
    log.debug({ took_ms: tookMs }, 'units kept');
  }

  async #keep(state: Pick<Parameters<History['keep']>[0], 'bound' | 'definitions'>): Promise<void> {
    const { lease, history, clock } = this.#options;
    const renewing = setInterval(() => {
      // A lease that cannot be renewed is no harm: two generations cost twice and say the same.
      void lease.hold(LEASE_MS).catch(() => false);
    }, RENEW_MS);
    try {
      const { signal } = this.#stop;
      await history.keep({ ...state, generation: randomUUID(), nowMs: clock(), signal });
    } finally {
      clearInterval(renewing);
    }
  }
}
