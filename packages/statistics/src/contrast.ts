import { type RateGroup, assertPiece } from './person-time.ts';

/** What one account contributes before or after; several of the same account, half and stratum add up. */
export interface ContrastTime {
  readonly account: string;
  readonly isTreated: boolean;
  /** Of a control: after the moment at which the accounts that it is compared with were treated. */
  readonly isAfter: boolean;
  readonly events: number;
  readonly time: number;
  /** What treated accounts and their controls share at that moment, the same before and after; all without one share it. */
  readonly stratum?: string;
}

/** The four cells of a contrast. */
export interface ContrastTotals {
  readonly treatedBefore: RateGroup;
  readonly treatedAfter: RateGroup;
  readonly controlBefore: RateGroup;
  readonly controlAfter: RateGroup;
}

/** The names of the four. */
export const HALVES = ['treatedBefore', 'treatedAfter', 'controlBefore', 'controlAfter'] as const;

type Sums = Record<keyof ContrastTotals, { events: number; time: number }>;

/** Name of the cell that a contribution belongs to. */
export function halfOf({ isTreated, isAfter }: ContrastTime): keyof ContrastTotals {
  if (isTreated) return isAfter ? 'treatedAfter' : 'treatedBefore';
  return isAfter ? 'controlAfter' : 'controlBefore';
}

/** Name of the stratum of a contribution; those without one have their own. */
export function stratumOf({ stratum }: ContrastTime): string {
  return stratum ?? '';
}

/** Totals of each stratum. Throws a RangeError on impossible counts or times. */
export function sumContrasts(cells: readonly ContrastTime[]): ReadonlyMap<string, ContrastTotals> {
  const sums = new Map<string, Sums>();
  for (const cell of cells) {
    assertPiece(cell.events, cell.time);
    const stratum = stratumOf(cell);
    const sum = sums.get(stratum) ?? noSums();
    sums.set(stratum, sum);
    const half = sum[halfOf(cell)];
    half.events += cell.events;
    half.time += cell.time;
  }
  return sums;
}

/** Totals over strata. */
export function addContrasts(strata: Iterable<ContrastTotals>): ContrastTotals {
  const all = noSums();
  for (const totals of strata) {
    for (const half of HALVES) {
      all[half].events += totals[half].events;
      all[half].time += totals[half].time;
    }
  }
  return all;
}

function noSums(): Sums {
  return {
    treatedBefore: { events: 0, time: 0 },
    treatedAfter: { events: 0, time: 0 },
    controlBefore: { events: 0, time: 0 },
    controlAfter: { events: 0, time: 0 },
  };
}

/** Shares, from 0 to 1, of the treated accounts' time and events that some of the totals hold; of no events 0. */
export interface TreatedShare {
  readonly time: number;
  readonly events: number;
}

/** What part of the treated the used totals hold of all. */
export function treatedShare(used: ContrastTotals, all: ContrastTotals): TreatedShare {
  const treated = (totals: ContrastTotals, read: keyof RateGroup): number =>
    totals.treatedBefore[read] + totals.treatedAfter[read];
  const events = treated(all, 'events');
  return {
    time: treated(used, 'time') / treated(all, 'time'),
    events: events === 0 ? 0 : treated(used, 'events') / events,
  };
}
