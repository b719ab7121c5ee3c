import { type RedisClient } from './connection.ts';
import { wholeNumber } from './partition-state.ts';
import { loadScript, runScript } from './script.ts';

const HOLD = loadScript('hold-lease');

export interface TaskLeaseOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  /** What the lease is for; part of its key. */
  readonly task: string;
  /** Who asks: different for every process. */
  readonly holder: string;
}

/** A task that one process of all does at a time. It is a courtesy: whoever stood still may overlap with the next holder. */
export class TaskLease {
  readonly #options: TaskLeaseOptions;

  constructor(options: TaskLeaseOptions) {
    this.#options = options;
  }

  /** Hold the lease for `ttlMs` from now. False while another holds it. Throws `store_unreachable`. */
  async hold(ttlMs: number): Promise<boolean> {
    const { client, prefix, task, holder } = this.#options;
    const answer = await runScript(client, HOLD, {
      keys: [`${prefix}:{lease:${task}}`],
      args: [holder, ttlMs, 0],
    });
    return Array.isArray(answer) && wholeNumber('lease', answer[0]) === 1;
  }
}
