import { type AccountExcess, type GroupColumns, excessOf } from './account-excess.ts';
import { type FittedCell, pearsonDispersion } from './clustered-ratio.ts';
import { type SmallSample, clusteredSpread } from './clusters.ts';
import { type Homogeneity, homogeneityOf } from './homogeneity.ts';
import { type Difference, Z } from './interval.ts';
import { type LogRatio } from './log-ratio.ts';
import {
  type Overlap,
  type StratumTime,
  type StratumTotals,
  overlapOf,
  sumOf,
  sumStrata,
} from './strata.ts';

/** Difference of rates in events per unit of time: its interval takes events as independent, `clusteredSe` does not. */
export interface PooledDifference extends Difference {
  readonly clusteredSe: number;
}

/** A ratio pooled over strata, with what tells whether it can be trusted. Its own standard error is the clustered one. */
export interface PooledRatio extends LogRatio {
  /** Standard error of the logarithm if events were independent (Greenland & Robins 1985): too short, for comparison. */
  readonly greenlandRobinsSe: number;
  readonly difference: PooledDifference;
  /** Null with fewer than two strata that have events in both groups. */
  readonly homogeneity: Homogeneity | null;
  readonly strata: readonly StratumTotals[];
  readonly overlap: Overlap;
  /** Pearson's dispersion of the accounts' events in each group; null with too few accounts for the strata. */
  readonly dispersion: number | null;
  /** Accounts with time in used strata: all, in group 1, in group 0 (some in both), and those with an event. */
  readonly accounts: number;
  readonly accounts1: number;
  readonly accounts0: number;
  readonly accountsWithEvents: number;
}

/**
 * Mantel-Haenszel ratio of rates over strata of person-time, clustered by account (STATISTICS.md 5; Greenland & Robins 1985;
 * Rothman, Greenland & Lash). Strata without time in one group drop out, see `overlap`. Linear in the cells; the order of
 * cells and the unit of time do not matter. Undefined where there is no ratio (a group without events in used strata) or fewer
 * than two accounts; {@link sumStrata} still tells the totals. Throws a RangeError on impossible counts or times.
 */
export function mantelHaenszel(
  cells: readonly StratumTime[],
  options: SmallSample = {},
): PooledRatio | undefined {
  const strata = sumStrata(cells);
  const used = strata.filter(({ isUsed }) => isUsed);
  const numerator = sumOf(used, ({ a, t1, t0 }) => (a * t0) / (t1 + t0));
  const denominator = sumOf(used, ({ b, t1, t0 }) => (b * t1) / (t1 + t0));
  const excess = excessOf(cells, used);
  if (numerator === 0 || denominator === 0 || excess.accounts < 2) return undefined;
  const ratio = numerator / denominator;
  const { one, zero, accounts } = excess;
  const { se, degreesOfFreedom } = clusteredSpread(
    one.excess.map((own, index) => (own - ratio * at(zero.excess, index)) / numerator),
    accounts,
    options,
  );
  const independent = sumOf(
    used,
    ({ a, t1, b, t0 }) => (((a + b) * t1) / (t1 + t0)) * (t0 / (t1 + t0)),
  );
  return {
    ratio,
    logSe: se,
    degreesOfFreedom,
    greenlandRobinsSe: Math.sqrt(independent / numerator / denominator),
    difference: differenceOf(used, excess, options),
    homogeneity: homogeneityOf(used, ratio),
    strata,
    overlap: overlapOf(strata),
    dispersion: dispersionOf(used, excess),
    accounts,
    accounts1: count(one.time),
    accounts0: count(zero.time),
    accountsWithEvents: count(one.events.map((events, index) => events + at(zero.events, index))),
  };
}

function differenceOf(
  used: readonly StratumTotals[],
  { accounts, one, zero }: AccountExcess,
  options: SmallSample,
): PooledDifference {
  const weighted = used.map(({ a, t1, b, t0 }) => ({
    a,
    t1,
    b,
    t0,
    weight: (t1 / (t1 + t0)) * t0,
  }));
  const weights = sumOf(weighted, ({ weight }) => weight);
  const difference = sumOf(
    weighted,
    ({ a, t1, b, t0, weight }) => (a / t1 - b / t0) * (weight / weights),
  );
  const variance = sumOf(
    weighted,
    ({ a, t1, b, t0, weight }) => (weight / weights) ** 2 * (a / t1 ** 2 + b / t0 ** 2),
  );
  const half = Z * Math.sqrt(variance);
  const shifts = one.excess.map((own, index) => (own - at(zero.excess, index)) / weights);
  const clusteredSe = clusteredSpread(shifts, accounts, options).se;
  return { difference, low: difference - half, high: difference + half, clusteredSe };
}

function dispersionOf(used: readonly StratumTotals[], { one, zero }: AccountExcess): number | null {
  const parameters = sumOf(used, ({ a, b }) => Number(a > 0) + Number(b > 0));
  const fitted = count(one.expected) + count(zero.expected);
  if (fitted <= parameters) return null;
  return pearsonDispersion(fittedCells([one, zero]), parameters);
}

function* fittedCells(groups: readonly GroupColumns[]): Generator<FittedCell> {
  for (const { events, expected } of groups) {
    for (let index = 0; index < expected.length; index += 1)
      yield { events: at(events, index), expected: at(expected, index) };
  }
}

/** How many elements are above 0. */
function count(column: Float64Array): number {
  let positive = 0;
  for (const value of column) if (value > 0) positive += 1;
  return positive;
}

function at(column: Float64Array, index: number): number {
  return column[index] ?? 0;
}
