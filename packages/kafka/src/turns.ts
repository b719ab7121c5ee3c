/** Who holds a turn for longer waits for an engine, not for the processor, and does not hold up others. */
const TURN_MS_MAX = 2_000;

/**
 * Work on several things of which only a few are in hand at a time, in the order in which they ask. All at once take as long in all,
 * but each then lives through all of that, which is what makes collecting garbage expensive.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #turnMsMax: number;
  #free: number;

  constructor(atOnce: number, turnMsMax: number = TURN_MS_MAX) {
    this.#free = atOnce;
    this.#turnMsMax = turnMsMax;
  }

  /** Does the work when it is its turn. The next one's begins when it is done, or has taken very long. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#begin();
    let isOver = false;
    const pass = (): void => {
      if (!isOver) this.#pass();
      isOver = true;
    };
    const patience = setTimeout(pass, this.#turnMsMax);
    try {
      return await work();
    } finally {
      clearTimeout(patience);
      pass();
    }
  }

  async #begin(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
