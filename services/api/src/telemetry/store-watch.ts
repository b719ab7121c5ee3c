import { Fault } from '@kpi/core';
import { type RedisClient, type RedisServer, readServers } from '@kpi/redis';
import { type Logger, pause } from '@kpi/runtime';

/** Memory grows slowly enough for this, and INFO is not free. */
const LOOK_MS = 10_000;

/** Keeps an eye on the live store's memory: a store that is full takes nothing in, one that evicts makes numbers wrong. */
export class StoreWatch {
  readonly #client: RedisClient;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #servers: readonly RedisServer[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: { readonly client: RedisClient; readonly log: Logger }) {
    this.#client = options.client;
    this.#log = options.log;
  }

  /** What the servers said last; none while they do not answer. */
  get servers(): readonly RedisServer[] {
    return this.#servers;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#servers = await readServers(this.#client);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#servers = [];
        this.#log.debug({ code: error.code }, 'store not measured');
      }
      await pause(LOOK_MS, signal);
    }
  }
}
