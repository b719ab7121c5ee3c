/** Time is summed in two parts, so that weight times ms stays a whole number: its high part counts units of 2^20 ms. */
const PART_MS = 1_048_576;

/**
 * A step function of time: a weight is added at each boundary. Steps are kept in order; running sums are made on the first
 * read after a change, from the earliest change on, because nearly all changes are near the end.
 */
export class Series {
  readonly #times: number[] = [];
  readonly #weights: number[] = [];
  /** Sums of the weights, and of weight times time, up to and including each step. Valid before {@link #summed}. */
  readonly #sums: number[] = [];
  readonly #highs: number[] = [];
  readonly #lows: number[] = [];
  #summed = 0;

  add(boundary: number, weight: number): void {
    const at = countUpTo(this.#times, boundary);
    if (at > 0 && this.#times[at - 1] === boundary) {
      const sum = (this.#weights[at - 1] ?? 0) + weight;
      if (sum === 0) this.#remove(at - 1);
      else this.#weights[at - 1] = sum;
      this.#summed = Math.min(this.#summed, at - 1);
      return;
    }
    if (weight === 0) return;
    this.#times.splice(at, 0, boundary);
    this.#weights.splice(at, 0, weight);
    this.#summed = Math.min(this.#summed, at);
  }

  get isZero(): boolean {
    return this.#times.length === 0;
  }

  *entries(): Generator<readonly [boundary: number, weight: number]> {
    for (const [index, time] of this.#times.entries()) yield [time, this.#weights[index] ?? 0];
  }

  /** The level after all steps at or before `at`. Throws RangeError when it is no safe integer. */
  valueAt(at: number): bigint {
    const index = this.#read(at);
    return index < 0 ? 0n : BigInt(this.#sums[index] ?? 0);
  }

  /** The integral of the level from the beginning to `at`, in weight times ms. Throws RangeError beyond safe integers. */
  integralTo(at: number): bigint {
    const index = this.#read(at);
    if (index < 0) return 0n;
    const moment =
      BigInt(this.#highs[index] ?? 0) * BigInt(PART_MS) + BigInt(this.#lows[index] ?? 0);
    return BigInt(this.#sums[index] ?? 0) * BigInt(at) - moment;
  }

  #remove(index: number): void {
    this.#times.splice(index, 1);
    this.#weights.splice(index, 1);
  }

  /** Index of the last step at or before `at`, with the running sums made up to there; -1 when all are later. */
  #read(at: number): number {
    const last = countUpTo(this.#times, at) - 1;
    let [sum, high, low] = this.#sumsBefore(this.#summed);
    for (let index = this.#summed; index <= last; index += 1) {
      const time = this.#times[index] ?? 0;
      const weight = this.#weights[index] ?? 0;
      const part = Math.floor(time / PART_MS);
      sum += weight;
      high += weight * part;
      low += weight * (time - part * PART_MS);
      this.#sums[index] = sum;
      this.#highs[index] = high;
      this.#lows[index] = low;
    }
    // From the first unsafe sum on all that follow are, or were made from it.
    if (!Number.isSafeInteger(sum)) throw new RangeError('a sum of weights is no safe integer');
    this.#summed = Math.max(this.#summed, last + 1);
    return last;
  }

  #sumsBefore(index: number): [sum: number, high: number, low: number] {
    const last = index - 1;
    return last < 0
      ? [0, 0, 0]
      : [this.#sums[last] ?? 0, this.#highs[last] ?? 0, this.#lows[last] ?? 0];
  }
}

/** How many of the ascending times are at or before `at`. */
function countUpTo(times: readonly number[], at: number): number {
  const last = times.at(-1);
  if (last === undefined || last <= at) return times.length;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
