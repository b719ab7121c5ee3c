import { type Interval, TAIL } from './interval.ts';

/** Fewer draws do not show the ends of an interval; more than the most take too long for an answer. */
export const DRAWS_MIN = 199;
export const DRAWS_MAX = 100_000;

export interface BootstrapOptions {
  /** How often to draw as many units as there are: 999 is usual. */
  readonly draws: number;
  /** A whole number, of which the lowest 32 bits count; the same one gives the same interval. */
  readonly seed: number;
}

/**
 * Percentile interval of any estimate, from units drawn with replacement (STATISTICS.md 8): for means of money and other skewed
 * values. The units must be independent: accounts. It need not hold the estimate itself, when that is biased.
 * Throws a RangeError without units, outside {@link DRAWS_MIN} to {@link DRAWS_MAX} draws, or when a sample has no estimate.
 */
export function bootstrapInterval<T>(
  units: readonly T[],
  estimate: (sample: readonly T[]) => number,
  { draws, seed }: BootstrapOptions,
): Interval {
  if (units.length === 0) throw new RangeError('no units, no interval');
  if (!Number.isSafeInteger(draws) || draws < DRAWS_MIN || draws > DRAWS_MAX)
    throw new RangeError(`draws must be from ${DRAWS_MIN} to ${DRAWS_MAX}, not ${draws}`);
  const random = seededRandom(seed);
  const estimates = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const value = estimate(units.map((unit) => units[Math.floor(random() * units.length)] ?? unit));
    if (!Number.isFinite(value)) throw new RangeError(`a sample of units gave ${value}`);
    estimates[draw] = value;
  }
  estimates.sort();
  // The order statistics that leave out the tails, or more towards the ends where no draw lies exactly there.
  const left = Math.floor(TAIL * (draws + 1) + ROUNDING) - 1;
  return { low: estimates[left] ?? 0, high: estimates[draws - 1 - left] ?? 0 };
}

/** Tails of whole draws miss them by rounding. */
const ROUNDING = 1e-9;

/**
 * Numbers in [0, 1) from a seed, with 32 bits each: xoshiro128** (Blackman & Vigna 2021), its state filled by splitmix32.
 * Throws a RangeError unless the seed is a whole number.
 */
export function seededRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`${seed} is no seed`);
  let counter = seed | 0;
  const fill = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 0x100000000;
  };
}
