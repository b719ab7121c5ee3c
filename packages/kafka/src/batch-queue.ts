import { joinBatches, splitBatch, type LogBatch } from './log-batch.ts';

interface Held {
  readonly batch: LogBatch;
  readonly sinceMs: number;
}

/**
 * Fetched stretches of one partition of all topics, waiting to be applied: each topic in its order, topics in the order of
 * their oldest stretch. Neighbours leave together, long stretches in pieces.
 */
export class BatchQueue {
  readonly #recordsMax: number;
  /** Keys are kept in the order of arrival of each topic's oldest stretch. */
  readonly #topics = new Map<string, Held[]>();
  #records = 0;

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
  }

  /** Records that wait. */
  get records(): number {
    return this.#records;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  /** When the oldest stretch came, ms; undefined when there is none. */
  get oldestMs(): number | undefined {
    const [oldest] = this.#topics.values();
    return oldest?.[0]?.sinceMs;
  }

  /** Whether something of a topic waits. */
  holds(topic: string): boolean {
    return this.#topics.has(topic);
  }

  push(batch: LogBatch, nowMs: number): void {
    const held = this.#topics.get(batch.topic) ?? [];
    held.push({ batch, sinceMs: nowMs });
    this.#topics.set(batch.topic, held);
    this.#records += batch.records.length;
  }

  /** Takes the next stretch, of at most `recordsMax` records; undefined when nothing waits. */
  take(): LogBatch | undefined {
    const [entry] = this.#topics;
    if (entry === undefined) return undefined;
    const [topic, held] = entry;
    this.#topics.delete(topic);
    const { taken, left } = this.#gather(held);
    if (left.length > 0) this.#topics.set(topic, left);
    this.#records -= taken?.records.length ?? 0;
    return taken;
  }

  #gather(held: readonly Held[]): { readonly taken: LogBatch | undefined; readonly left: Held[] } {
    let taken: LogBatch | undefined;
    for (const [index, { batch, sinceMs }] of held.entries()) {
      const joined: LogBatch = taken === undefined ? batch : joinBatches(taken, batch);
      if (joined.records.length > this.#recordsMax) {
        const [head, tail] = splitBatch(joined, this.#recordsMax);
        return { taken: head, left: [{ batch: tail, sinceMs }, ...held.slice(index + 1)] };
      }
      taken = joined;
    }
    return { taken, left: [] };
  }
}
