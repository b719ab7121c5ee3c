/**
 * Seeded randomness. Two published algorithms, written out here because a demo must not depend on `Math.random`:
 * FNV-1a (Fowler, Noll, Vo) turns text into a seed, sfc32 ("small fast counter", Chris Doty-Humphrey, PractRand) draws.
 */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
  /** Exponential with this mean. */
  exponential(mean: number): number;
  /** One of `items`; `weights` (same length) need not sum to 1. Throws when there is nothing to choose from. */
  pick<Item>(items: readonly Item[], weights?: readonly number[]): Item;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** sfc32 needs a few rounds before its outputs forget how similar two seeds were. */
const WARM_UP_ROUNDS = 12;
const UINT32 = 0x1_0000_0000;

/** 32-bit FNV-1a of the UTF-16 code units of `text`. */
export function hash32(text: string, offset: number = FNV_OFFSET): number {
  let hash = offset;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}

/** An independent stream for each path, so that a draw in one place never shifts the draws of another. */
export function createRandom(...path: readonly (string | number)[]): Random {
  const unit = sfc32(path.join('/'));
  const between = (low: number, high: number): number => low + unit() * (high - low);
  return {
    unit,
    between,
    chance: (p) => unit() < p,
    integer: (low, high) => Math.floor(between(low, high + 1)),
    exponential: (mean) => -mean * Math.log(1 - unit()),
    pick: (items, weights) => pickOne(items, unit(), weights),
  };
}

function sfc32(seed: string): () => number {
  let a = hash32(seed);
  let b = hash32(seed, a ^ FNV_OFFSET);
  let c = hash32(seed, b);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / UINT32;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) next();
  return next;
}

function pickOne<Item>(items: readonly Item[], unit: number, weights?: readonly number[]): Item {
  const total = items.reduce((sum, _, index) => sum + (weights?.[index] ?? 1), 0);
  let left = unit * total;
  for (const [index, item] of items.entries()) {
    left -= weights?.[index] ?? 1;
    if (left < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new RangeError('nothing to pick from');
  return last;
}
