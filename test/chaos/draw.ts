/** Seeded choices: the same seed gives the same choices, so a run that failed can be repeated. */
export interface Draw {
  /** A whole number from 0 to before `bound`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  one<T>(items: readonly T[]): T;
}

/** Choices from a 32-bit seed, by the mulberry32 generator (Tommy Ettinger, public domain): enough for a test, not for secrets. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    chance: (probability) => next() < probability,
    one: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to choose from');
      return item;
    },
  };
}
