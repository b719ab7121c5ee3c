/** Steps of one series in order, with running sums. */
interface Prefix {
  readonly times: readonly number[];
  /** Sum of the weights up to and including each step. */
  readonly sums: readonly bigint[];
  /** Sum of weight times time up to and including each step. */
  readonly moments: readonly bigint[];
}

/** A step function of time: a weight is added at each boundary. Running sums are made on the first read after a change. */
export class Series {
  readonly #steps = new Map<number, number>();
  #prefix: Prefix | undefined;

  add(boundary: number, weight: number): void {
    const sum = (this.#steps.get(boundary) ?? 0) + weight;
    if (sum === 0) this.#steps.delete(boundary);
    else this.#steps.set(boundary, sum);
    this.#prefix = undefined;
  }

  get isZero(): boolean {
    return this.#steps.size === 0;
  }

  entries(): IterableIterator<[number, number]> {
    return this.#steps.entries();
  }

  /** The level after all steps at or before `at`. */
  valueAt(at: number): bigint {
    const prefix = this.#read();
    return prefix.sums[lastAtOrBefore(prefix.times, at)] ?? 0n;
  }

  /** The integral of the level from the beginning to `at`, in weight times ms. */
  integralTo(at: number): bigint {
    const prefix = this.#read();
    const index = lastAtOrBefore(prefix.times, at);
    return (prefix.sums[index] ?? 0n) * BigInt(at) - (prefix.moments[index] ?? 0n);
  }

  #read(): Prefix {
    this.#prefix ??= prefixOf(this.#steps);
    return this.#prefix;
  }
}

function prefixOf(steps: ReadonlyMap<number, number>): Prefix {
  const times = [...steps.keys()].toSorted((a, b) => a - b);
  const sums: bigint[] = [];
  const moments: bigint[] = [];
  let sum = 0n;
  let moment = 0n;
  for (const time of times) {
    const weight = BigInt(steps.get(time) ?? 0);
    sum += weight;
    moment += weight * BigInt(time);
    sums.push(sum);
    moments.push(moment);
  }
  return { times, sums, moments };
}

/** Index of the last time at or before `at`; -1 when all are later. */
function lastAtOrBefore(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
