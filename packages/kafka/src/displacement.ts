import { type Fault } from '@kpi/core';
import { type Clock } from '@kpi/runtime';

export interface DisplacementOptions {
  /** Resolves once the group, asked after the call, says that this member has what was assigned to it last; else when aborted. */
  readonly reassured: (signal: AbortSignal) => Promise<void>;
  /** Time from the first of several displacements to giving up, ms. */
  readonly msMax: number;
  readonly clock: Clock;
}

/**
 * Another owner has a partition that the group gave to this member. Nearly always the group has moved it and says so in a
 * moment. But a claim of an assignment that is over can also reach the store after ours: its sender was slow and gives up by
 * itself, so nobody would work on the partition. Only the group knows which of the two it is.
 */
export class Displacement {
  readonly #options: DisplacementOptions;
  #sinceMs: number | undefined;
  #claimedAgainMs = -Infinity;

  constructor(options: DisplacementOptions) {
    this.#options = options;
  }

  /**
   * Waits until the partition may be claimed again, or `closing` aborts. Throws `fault` when the group says nothing for too
   * long, or somebody outside of it takes the partition again and again.
   */
  async resolve(fault: Fault, closing: AbortSignal): Promise<void> {
    const { reassured, msMax, clock } = this.#options;
    const now = clock();
    if (this.#sinceMs === undefined || now - this.#claimedAgainMs > msMax) this.#sinceMs = now;
    const leftMs = this.#sinceMs + msMax - now;
    if (leftMs <= 0) throw fault;
    const overdue = AbortSignal.timeout(leftMs);
    await reassured(AbortSignal.any([closing, overdue]));
    if (overdue.aborted && !closing.aborted) throw fault;
    this.#claimedAgainMs = clock();
  }
}
