import { Fault, type FaultCode } from '@kpi/core';
import { type TaskLease, type VerifyResult } from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { type VerifyCall } from './verification.ts';
import { type VerifyReport } from './verify.ts';

export interface VerifyScheduleOptions {
  readonly verification: { againstHistory(call: VerifyCall): Promise<VerifyReport> };
  readonly lease: Pick<TaskLease, 'hold'>;
  /** The last result of any process, of a command too. Throws `store_unreachable`. */
  readonly readResult: () => Promise<VerifyResult | undefined>;
  /** From one verification to the next, ms; 0: only commands verify. */
  readonly intervalMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onFailed?: (code: FaultCode) => void;
}

/** How often the last result is looked at. */
const LOOK_MS = 5_000;
/** A process that died is replaced after this long; one that works renews the lease. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** What is not finished by then is given up. */
const VERIFY_MS_MAX = 600_000;
/** Verifying takes at most this share of the time, however large history has become. */
const REST_PER_WORK = 19;
/** After a verification that failed: usually history was behind or away. */
const RETRY_MS = 60_000;

/**
 * Verifies the live store against history again and again, in one process of all. A result by command counts as well: the
 * next one is due an interval after it.
 */
export class VerifySchedule {
  readonly #options: VerifyScheduleOptions;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  #last: VerifyResult | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: VerifyScheduleOptions) {
    this.#options = options;
    this.#startedAt = options.clock();
  }

  /** The last result as far as known here. */
  get last(): VerifyResult | undefined {
    return this.#last;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Gives up a verification in hand. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { log, onFailed } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#look();
        await pause(LOOK_MS, signal);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (signal.aborted) return;
        onFailed?.(error.code);
        log.warn({ code: error.code, detail: error.detail }, 'verification failed');
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #look(): Promise<void> {
    const { readResult, lease } = this.#options;
    this.#last = await readResult();
    if (this.#options.intervalMs === 0) return;
    if (this.#options.clock() < this.#dueAt() || !(await lease.hold(LEASE_MS))) return;
    await this.#verify();
    this.#last = await readResult();
  }

  /** A store that nobody has verified yet is given an interval to fill. */
  #dueAt(): number {
    const { intervalMs } = this.#options;
    if (this.#last === undefined) return this.#startedAt + intervalMs;
    return (
      this.#last.at + this.#last.took_ms + Math.max(intervalMs, REST_PER_WORK * this.#last.took_ms)
    );
  }

  async #verify(): Promise<void> {
    const { verification, lease, log } = this.#options;
    const deadline = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(VERIFY_MS_MAX)]);
    const renewing = setInterval(() => {
      // A lease that cannot be renewed is no harm: two verifications cost twice and find the same.
      void lease.hold(LEASE_MS).catch(() => false);
    }, RENEW_MS);
    try {
      const found = await verification.againstHistory({ signal: deadline });
      const fields = {
        questions: found.questions,
        disagreements: found.disagreements.length,
        unequal_partitions: found.partitions.filter(({ isEqual }) => !isEqual).length,
        took_ms: found.tookMs,
      };
      if (found.isClean) log.info(fields, 'verified');
      else log.error(fields, 'verification found differences');
    } finally {
      clearInterval(renewing);
    }
  }
}
