import { type StratumTime, type StratumTotals } from './strata.ts';

/** One group of each account: its events, those that its strata make expected of its time, and that time. */
export interface GroupColumns {
  readonly events: Float64Array;
  readonly expected: Float64Array;
  readonly time: Float64Array;
  /** Events beyond the expected ones, weighted as Mantel and Haenszel weight the strata. */
  readonly excess: Float64Array;
}

/** An element for each account with time in used strata. Columns, as a company may have a million cells. */
export interface AccountExcess {
  readonly accounts: number;
  readonly one: GroupColumns;
  readonly zero: GroupColumns;
}

/** What the events of each account are beyond those expected in its strata; cells outside the used ones do not count. */
export function excessOf(
  cells: readonly StratumTime[],
  used: readonly StratumTotals[],
): AccountExcess {
  const weights = new Map(used.map((total) => [total.stratum, weightsOf(total)]));
  const indices = new Map<string, number>();
  const one = columns(cells.length);
  const zero = columns(cells.length);
  for (const { account, stratum, a, t1, b, t0 } of cells) {
    const weight = weights.get(stratum);
    if (weight === undefined || t1 + t0 === 0) continue;
    let index = indices.get(account);
    if (index === undefined) {
      index = indices.size;
      indices.set(account, index);
    }
    const [expected1, expected0] = [weight.rate1 * t1, weight.rate0 * t0];
    add(one.events, index, a);
    add(one.expected, index, expected1);
    add(one.time, index, t1);
    add(one.excess, index, (a - expected1) * weight.share0);
    add(zero.events, index, b);
    add(zero.expected, index, expected0);
    add(zero.time, index, t0);
    add(zero.excess, index, (b - expected0) * weight.share1);
  }
  const accounts = indices.size;
  return { accounts, one: shortened(one, accounts), zero: shortened(zero, accounts) };
}

interface Weights {
  readonly rate1: number;
  readonly rate0: number;
  readonly share1: number;
  readonly share0: number;
}

function weightsOf({ a, t1, b, t0 }: StratumTotals): Weights {
  return { rate1: a / t1, rate0: b / t0, share1: t1 / (t1 + t0), share0: t0 / (t1 + t0) };
}

function columns(length: number): GroupColumns {
  return {
    events: new Float64Array(length),
    expected: new Float64Array(length),
    time: new Float64Array(length),
    excess: new Float64Array(length),
  };
}

function shortened({ events, expected, time, excess }: GroupColumns, length: number): GroupColumns {
  return {
    events: events.subarray(0, length),
    expected: expected.subarray(0, length),
    time: time.subarray(0, length),
    excess: excess.subarray(0, length),
  };
}

function add(column: Float64Array, index: number, value: number): void {
  column[index] = (column[index] ?? 0) + value;
}
