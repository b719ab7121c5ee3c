import { type Fault } from '@kpi/core';
import { type Clock, type Obstacle } from '@kpi/runtime';

/** Remembers the passing fault that some repeated work meets, from its first failure to its next success. */
export class Hindrance {
  readonly #clock: Clock;
  #current: Obstacle | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get current(): Obstacle | undefined {
    return this.#current;
  }

  /** The work failed, begun at `since` if that is known. */
  met({ code, detail }: Fault, since = this.#clock()): void {
    this.#current = { since: this.#current?.since ?? since, code, reason: detail };
  }

  passed(): void {
    this.#current = undefined;
  }
}
