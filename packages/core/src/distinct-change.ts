import { type CountingInterval, type Dimensions, NO_VALUE } from './kpi.ts';

/** Which dimensions a series of a distinct measure is split by; the others hold all values together. */
export type Subset = readonly boolean[];

/** Intervals, before and after a change, that fall into one series of a subset. */
interface Group {
  readonly code: number;
  readonly dimensions: Dimensions;
  readonly from: CountingInterval[];
  readonly to: CountingInterval[];
}

/** The intervals of one unit before and after a change, sorted for each subset of dimensions. */
export class DistinctChange {
  readonly #from: readonly CountingInterval[];
  readonly #to: readonly CountingInterval[];
  /** Of each interval, first those before, and each dimension: the place of its value among the few that the unit has. */
  readonly #codes: readonly (readonly number[])[];
  readonly #base: number;

  constructor(
    dimensions: readonly string[],
    intervals: {
      readonly from: readonly CountingInterval[];
      readonly to: readonly CountingInterval[];
    },
  ) {
    this.#from = intervals.from;
    this.#to = intervals.to;
    const values: string[] = [];
    this.#codes = [...intervals.from, ...intervals.to].map((interval) =>
      dimensions.map((name) => placeOf(values, interval.dimensions[name] ?? NO_VALUE)),
    );
    this.#base = values.length + 1;
  }

  groups(subset: Subset): readonly Group[] {
    const groups: Group[] = [];
    for (let index = 0; index < this.#from.length; index += 1) {
      const interval = this.#from[index];
      if (interval !== undefined)
        this.#group(groups, subset, { index, interval }).from.push(interval);
    }
    for (let index = 0; index < this.#to.length; index += 1) {
      const interval = this.#to[index];
      const place = { index: this.#from.length + index, interval };
      if (interval !== undefined)
        this.#group(groups, subset, { ...place, interval }).to.push(interval);
    }
    return groups;
  }

  #group(
    groups: Group[],
    subset: Subset,
    { index, interval }: { readonly index: number; readonly interval: CountingInterval },
  ): Group {
    const codes = this.#codes[index] ?? [];
    let code = 0;
    for (let dimension = 0; dimension < codes.length; dimension += 1)
      code = code * this.#base + (subset[dimension] === true ? 1 + (codes[dimension] ?? 0) : 0);
    for (const group of groups) if (group.code === code) return group;
    const group = { code, dimensions: interval.dimensions, from: [], to: [] };
    groups.push(group);
    return group;
  }
}

function placeOf(values: string[], value: string): number {
  const known = values.indexOf(value);
  return known === -1 ? values.push(value) - 1 : known;
}
