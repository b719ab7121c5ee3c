import { assertPiece } from './person-time.ts';

/** What one account contributes to one period; several of the same account and period add up. */
export interface PanelRow {
  readonly account: string;
  /** Period of the training, null when there was none so far. The same in all rows of an account. */
  readonly cohort: number | null;
  /** A whole number: the next period has the next one. */
  readonly period: number;
  readonly events: number;
  readonly time: number;
  /** What accounts must share to be compared, such as plan and period of beginning; the same in all rows of an account. */
  readonly stratum?: string;
}

/** What is known of one account. */
export interface Track {
  /** From 0, one for each account. */
  readonly index: number;
  readonly cohort: number | null;
  readonly stratum: string;
  readonly periods: Map<number, { events: number; time: number }>;
}

/** How the rate of an account changed between two periods. */
export interface Change {
  readonly index: number;
  readonly change: number;
  /** Sum of the two rates: what a change may be wrong by is a fraction of it. */
  readonly level: number;
  /** Of full periods half of their length: what the shorter one allows to be known. */
  readonly weight: number;
}

/** One track for each account. Throws a RangeError on impossible rows, and when two rows put an account in different groups. */
export function tracksOf(rows: readonly PanelRow[]): readonly Track[] {
  const tracks = new Map<string, Track>();
  for (const { account, cohort, period, events, time, stratum = '' } of rows) {
    assertPiece(events, time);
    if (!Number.isSafeInteger(period) || !(cohort === null || Number.isSafeInteger(cohort)))
      throw new RangeError(`period ${period} and cohort ${cohort} must be whole numbers`);
    const track = tracks.get(account) ?? {
      index: tracks.size,
      cohort,
      stratum,
      periods: new Map(),
    };
    if (track.cohort !== cohort || track.stratum !== stratum)
      throw new RangeError(`account ${account} belongs to two cohorts or strata`);
    tracks.set(account, track);
    const sum = track.periods.get(period);
    if (sum === undefined) track.periods.set(period, { events, time });
    else {
      sum.events += events;
      sum.time += time;
    }
  }
  return [...tracks.values()];
}

/** Change of the rate from one period to another of those that have time in both. */
export function changesOf(
  tracks: readonly Track[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly Change[] {
  const changes: Change[] = [];
  for (const { index, periods } of tracks) {
    const [before, after] = [periods.get(from), periods.get(to)];
    if (before === undefined || after === undefined) continue;
    const weight = before.time * (after.time / (before.time + after.time));
    if (!(weight > 0)) continue;
    const [rateBefore, rateAfter] = [before.events / before.time, after.events / after.time];
    changes.push({ index, change: rateAfter - rateBefore, level: rateAfter + rateBefore, weight });
  }
  return changes;
}

/** Mean change, each weighted by what is known of it. */
export function meanChange(changes: readonly Change[]): number {
  let [sum, weights] = [0, 0];
  for (const { change, weight } of changes) {
    sum += weight * change;
    weights += weight;
  }
  return sum / weights;
}
