import { type LevelNames } from './delta-sheet.ts';
import { type CountingInterval } from './kpi.ts';

/** A series as unions know it. */
export interface UnitedSeries extends LevelNames {
  /** The last turn in which it was united: intervals of one series follow each other, and it is united once. */
  turn: number;
}

/**
 * The series that one combination of dimension values belongs to, one for each subset of dimensions. Combinations share the
 * objects of the series that they have in common.
 */
export type Row = readonly UnitedSeries[];

/** Intervals in ascending order, each with its row. */
export interface PlacedIntervals {
  readonly intervals: readonly CountingInterval[];
  readonly rows: readonly Row[];
}

/**
 * Beginnings and ends, in turn, of the union of those intervals that belong to one series. An object serves many unions one
 * after another, so that a change of an account, which is dozens of them, leaves no garbage.
 */
export class UnionEnds {
  /** Those beyond `length` are of earlier unions. */
  readonly #ends: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number | undefined {
    return index < this.#length ? this.#ends[index] : undefined;
  }

  /** Take in the union of the intervals of `series`, which is one of a subset's. */
  unite({ intervals, rows }: PlacedIntervals, series: LevelNames, subset: number): void {
    let end = -Infinity;
    let length = 0;
    for (let index = 0; index < intervals.length; index += 1) {
      const interval = intervals[index];
      if (interval === undefined || rows[index]?.[subset] !== series) continue;
      if (interval.to <= interval.from) continue;
      if (length > 0 && interval.from <= end) {
        end = Math.max(end, interval.to);
      } else {
        this.#ends[length] = interval.from;
        length += 2;
        end = interval.to;
      }
      this.#ends[length - 1] = end;
    }
    this.#length = length;
  }
}

/** The row at a place of two lists, the second after the first. */
export function rowAt(
  before: PlacedIntervals,
  after: PlacedIntervals,
  index: number,
): Row | undefined {
  const { length } = before.rows;
  return index < length ? before.rows[index] : after.rows[index - length];
}
