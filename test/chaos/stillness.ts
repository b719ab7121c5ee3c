/** How far each partition has come, by partition: any number that rises with every record. */
export type Progress = ReadonlyMap<number, number>;

const SAMPLE_MS = 50;

/**
 * Measures how long partitions stand still while there is work for all of them: the longest time between two samples in which
 * a partition moved.
 */
export class Stillness {
  readonly #read: () => Progress;
  readonly #timer: NodeJS.Timeout;
  readonly #last = new Map<number, { position: number; at: number }>();
  readonly #longestMs = new Map<number, number>();

  constructor(read: () => Progress) {
    this.#read = read;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Whether every partition has moved since `at`, a time of `performance.now()`. */
  hasMovedSince(at: number): boolean {
    return [...this.#last.values()].every((last) => last.at > at);
  }

  /** Ends the measurement: the longest stillness of each partition, ms. */
  end(): ReadonlyMap<number, number> {
    clearInterval(this.#timer);
    return this.#longestMs;
  }

  #sample(): void {
    const now = performance.now();
    for (const [partition, position] of this.#read()) {
      const last = this.#last.get(partition);
      if (last?.position === position) continue;
      if (last !== undefined) {
        const before = this.#longestMs.get(partition) ?? 0;
        this.#longestMs.set(partition, Math.max(before, Math.round(now - last.at)));
      }
      this.#last.set(partition, { position, at: now });
    }
  }
}
