import { type PairedTime, assertPaired } from './person-time.ts';

/** What one account contributes to one stratum; several of the same account and stratum add up. */
export interface StratumTime extends PairedTime {
  readonly account: string;
  readonly stratum: string;
}

/** Both groups in one stratum. It is used when both have time in it: only then they can be compared. */
export interface StratumTotals extends PairedTime {
  readonly stratum: string;
  readonly isUsed: boolean;
}

/** Shares, from 0 to 1, of what lies in used strata; 0 where there is nothing to share. */
export interface Overlap {
  readonly time1: number;
  readonly time0: number;
  readonly events1: number;
  readonly events0: number;
}

/**
 * Totals of each stratum, by name: what a table shows, also where {@link mantelHaenszel} finds no ratio (STATISTICS.md 5).
 * Throws a RangeError on impossible counts or times.
 */
export function sumStrata(cells: readonly StratumTime[]): readonly StratumTotals[] {
  const sums = new Map<string, { a: number; t1: number; b: number; t0: number }>();
  for (const cell of cells) {
    assertPaired(cell);
    const sum = sums.get(cell.stratum);
    if (sum === undefined) {
      sums.set(cell.stratum, { a: cell.a, t1: cell.t1, b: cell.b, t0: cell.t0 });
      continue;
    }
    sum.a += cell.a;
    sum.t1 += cell.t1;
    sum.b += cell.b;
    sum.t0 += cell.t0;
  }
  return [...sums]
    .map(([stratum, sum]) => ({ stratum, ...sum, isUsed: sum.t1 > 0 && sum.t0 > 0 }))
    .toSorted((one, other) => (one.stratum < other.stratum ? -1 : 1));
}

/** How much of the time and of the events of both groups lies where they can be compared (STATISTICS.md 5 and 11). */
export function overlapOf(strata: readonly StratumTotals[]): Overlap {
  const used = strata.filter(({ isUsed }) => isUsed);
  const share = (read: (totals: StratumTotals) => number): number => {
    const all = sumOf(strata, read);
    return all === 0 ? 0 : sumOf(used, read) / all;
  };
  return {
    time1: share(({ t1 }) => t1),
    time0: share(({ t0 }) => t0),
    events1: share(({ a }) => a),
    events0: share(({ b }) => b),
  };
}

/** Sum of what is read of each. */
export function sumOf<T>(values: Iterable<T>, read: (value: T) => number): number {
  let sum = 0;
  for (const value of values) sum += read(value);
  return sum;
}
