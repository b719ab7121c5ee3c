import { type Clock } from '@kpi/runtime';
import { LRUCache } from 'lru-cache';

export interface RecentOptions {
  /** How long something may be told again, ms. */
  readonly forMs: number;
  /** How many are remembered. */
  readonly countMax: number;
  readonly clock: Clock;
}

/** What was read a moment ago, or is being read, is not read again: many who ask cost as much as one. */
export class Recent<Value extends object> {
  readonly #known: LRUCache<string, Promise<Value>>;

  constructor({ forMs, countMax, clock }: RecentOptions) {
    this.#known = new LRUCache({
      max: countMax,
      ttl: forMs,
      ttlResolution: 0,
      perf: { now: clock },
    });
  }

  /** What `read` answers, or answered for this key within the time. A failure is not remembered. */
  of(key: string, read: () => Promise<Value>): Promise<Value> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reading = read();
    this.#known.set(key, reading);
    reading.catch(() => {
      if (this.#known.peek(key) === reading) this.#known.delete(key);
    });
    return reading;
  }
}
