import { Fault } from '@kpi/core';

/** The growing comparison of one stream: asked again whenever the last answer was told, never twice at a time. */
export class ComparisonFeed {
  readonly #read: () => Promise<string>;
  #isReading = false;
  #next: string | undefined;
  #failure: unknown;

  constructor(read: () => Promise<string>) {
    this.#read = read;
  }

  /** An answer that was not told yet; undefined while it is made, or while a store is away. Throws what is no Fault. */
  poll(): string | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const told = this.#next;
    this.#next = undefined;
    if (!this.#isReading) void this.#renew();
    return told;
  }

  async #renew(): Promise<void> {
    this.#isReading = true;
    try {
      this.#next = await this.#read();
    } catch (error) {
      // A store that is away answers again; the page shows how old its numbers are.
      if (!(error instanceof Fault)) this.#failure = error;
    } finally {
      this.#isReading = false;
    }
  }
}
