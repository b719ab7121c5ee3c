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
  /** By period, counted from {@link Panel.firstPeriod}; 0 where there is nothing. */
  readonly events: Float64Array;
  readonly time: Float64Array;
}

export interface Panel {
  readonly tracks: readonly Track[];
  readonly firstPeriod: number;
}

/** Two periods, counted from the first of the panel. */
export interface Between {
  readonly from: number;
  readonly to: number;
}

/** More periods than any window has: a mistaken number must not ask for endless room. */
const PERIODS_MAX = 100_000;

/** One track for each account. Throws a RangeError on impossible rows, and when two rows put an account in different groups. */
export function panelOf(rows: readonly PanelRow[]): Panel {
  let [first, last] = [Infinity, -Infinity];
  for (const { cohort, period, events, time } of rows) {
    assertPiece(events, time);
    if (!Number.isSafeInteger(period) || !(cohort === null || Number.isSafeInteger(cohort)))
      throw new RangeError(`period ${period} and cohort ${cohort} must be whole numbers`);
    first = Math.min(first, period);
    last = Math.max(last, period);
  }
  const periods = rows.length === 0 ? 0 : last - first + 1;
  if (periods > PERIODS_MAX)
    throw new RangeError(`${periods} periods are more than ${PERIODS_MAX}`);
  const tracks = new Map<string, Track>();
  for (const { account, cohort, period, events, time, stratum = '' } of rows) {
    let track = tracks.get(account);
    if (track === undefined) {
      const room = { events: new Float64Array(periods), time: new Float64Array(periods) };
      track = { index: tracks.size, cohort, stratum, ...room };
      tracks.set(account, track);
    }
    if (track.cohort !== cohort || track.stratum !== stratum)
      throw new RangeError(`account ${account} belongs to two cohorts or strata`);
    track.events[period - first] = (track.events[period - first] ?? 0) + events;
    track.time[period - first] = (track.time[period - first] ?? 0) + time;
  }
  return { tracks: [...tracks.values()], firstPeriod: first };
}

/** What is known of a change between two periods: of full ones half of their length. 0 without time in both. */
export function weightOf({ time }: Track, { from, to }: Between): number {
  const [before, after] = [time[from] ?? 0, time[to] ?? 0];
  return before > 0 && after > 0 ? before * (after / (before + after)) : 0;
}

/** How the rate changed between two periods; both must have time. */
export function changeOf({ events, time }: Track, { from, to }: Between): number {
  return (events[to] ?? 0) / (time[to] ?? 0) - (events[from] ?? 0) / (time[from] ?? 0);
}

/** Sum of the rates of two periods: how large what changes is. */
export function levelOf({ events, time }: Track, { from, to }: Between): number {
  return (events[to] ?? 0) / (time[to] ?? 0) + (events[from] ?? 0) / (time[from] ?? 0);
}
