import { DAY_MS } from './duration.ts';
import { NO_VALUE } from './kpi.ts';
import { type Span, indexAt } from './span.ts';
import { tenureLabel } from './units.ts';

/** What a comparison of person-time reads of one account (STATISTICS 1). Instants in ms; every list ascending. */
export interface AccountExposure {
  readonly account: string;
  /** Active time: disjoint, never touching. */
  readonly active: readonly Span[];
  /** The plan from one change on. */
  readonly plans: readonly { readonly from: number; readonly plan: string }[];
  /** The first completion of each course by each user, who have numbers within the account. */
  readonly completions: readonly Completion[];
  /** Seats of its subscriptions, where they are known. */
  readonly seats: readonly (Span & { readonly seats: number })[];
  readonly tickets: readonly AskedTicket[];
}

export interface Completion {
  readonly at: number;
  readonly user: number;
  readonly course: string;
}

export interface AskedTicket {
  readonly at: number;
  /** Part of an outage: one cause of many tickets. */
  readonly isOfIncident: boolean;
}

/** When an account is trained: from the first instant at which the rule holds, for good (KPI_SPEC 2.10, 7.4). */
export interface TrainingRule {
  /** Courses that count; empty means any. */
  readonly courses: readonly string[];
  /** At least so many users with such a course, or so large a share of the seats of its open subscriptions. */
  readonly needs: { readonly users: number } | { readonly seatShare: number };
}

export const ANY_USER: TrainingRule = { courses: [], needs: { users: 1 } };

/** Infinity when the account is never trained, as far as is known. Seats that nobody stated train nobody. */
export function trainedAt(account: AccountExposure, { courses, needs }: TrainingRule): number {
  const { completions } = account;
  const isCounted = ({ course }: Completion): boolean =>
    courses.length === 0 || courses.includes(course);
  if ('users' in needs && needs.users === 1) return completions.find(isCounted)?.at ?? Infinity;
  const firsts = new Map<number, number>();
  for (const one of completions)
    if (isCounted(one) && !firsts.has(one.user)) firsts.set(one.user, one.at);
  const instants = [...firsts.values()];
  return 'users' in needs
    ? (instants[needs.users - 1] ?? Infinity)
    : shareReachedAt(account, instants, needs.seatShare);
}

function shareReachedAt(
  { seats }: AccountExposure,
  instants: readonly number[],
  share: number,
): number {
  const seatsAt = (at: number): number =>
    seats.reduce((sum, span) => sum + (span.from <= at && at < span.to ? span.seats : 0), 0);
  const isReached = (at: number): boolean => {
    const trained = instants.filter((one) => one <= at).length;
    const all = seatsAt(at);
    return trained > 0 && all > 0 && trained >= share * all;
  };
  const moments = [...instants, ...seats.flatMap(({ from, to }) => [from, to])];
  return moments.toSorted((a, b) => a - b).find(isReached) ?? Infinity;
}

/** Active time in which tenure, plan and training are constant. */
export interface ComparedPiece extends Span {
  readonly isTrained: boolean;
  readonly tenure: string;
  readonly plan: string;
}

export interface CutOptions {
  readonly window: Span;
  /** Time after training that belongs to neither group: an effect begins later. */
  readonly lagMs: number;
  readonly tenureEdgesMs: readonly number[];
  /** Where pieces end besides: starts of months, if they are told apart. */
  readonly cutAt?: readonly number[];
}

/** The active time within a window of an account that is trained at `at`, cut where tenure, plan or training change; the lag is left out. */
export function comparedPieces(
  account: AccountExposure,
  at: number,
  { window, lagMs, tenureEdgesMs, cutAt = [] }: CutOptions,
): readonly ComparedPiece[] {
  const pieces: ComparedPiece[] = [];
  for (const period of account.active) {
    const end = Math.min(period.to, window.to);
    let from = Math.max(period.from, window.from);
    while (from < end) {
      let to = end;
      // The next cut after where this piece begins: there are few, and most pieces are whole.
      const cut = (instant: number): void => {
        if (from < instant && instant < to) to = instant;
      };
      cut(at);
      cut(at + lagMs);
      for (const edge of tenureEdgesMs) cut(period.from + edge);
      for (const change of account.plans) cut(change.from);
      for (const instant of cutAt) cut(instant);
      const isLag = at <= from && from < at + lagMs;
      if (!isLag) {
        pieces.push({
          from,
          to,
          isTrained: at <= from,
          tenure: tenureAt(from - period.from, tenureEdgesMs),
          plan: planAt(account, from),
        });
      }
      from = to;
    }
  }
  return pieces;
}

/** Label of the tenure bucket, such as `28-84`: that of the dimension `tenure`. */
export function tenureAt(tenureMs: number, edgesMs: readonly number[]): string {
  const labels = labelsOf(edgesMs);
  let bucket = 0;
  while (tenureMs >= (edgesMs[bucket] ?? Infinity)) bucket += 1;
  return labels[bucket] ?? NO_VALUE;
}

/** One list of edges is asked about millions of times. */
const known = new WeakMap<readonly number[], readonly string[]>();

function labelsOf(edgesMs: readonly number[]): readonly string[] {
  const labels =
    known.get(edgesMs) ?? [0, ...edgesMs].map((start, index) => tenureLabel(start, edgesMs[index]));
  known.set(edgesMs, labels);
  return labels;
}

/** The plan in force at an instant; `(none)` before the first. */
export function planAt({ plans }: AccountExposure, at: number): string {
  let plan = NO_VALUE;
  for (const change of plans) {
    if (change.from > at) break;
    ({ plan } = change);
  }
  return plan;
}

/** The active period that holds an instant. */
export function periodAt({ active }: AccountExposure, at: number): Span | undefined {
  const period = active[indexAt(active, at)];
  return period !== undefined && period.from <= at ? period : undefined;
}

/** Tickets in a stretch, by bisection: an account may have thousands. */
export function ticketsIn(tickets: readonly AskedTicket[], { from, to }: Span): number {
  return firstAt(tickets, to) - firstAt(tickets, from);
}

/** Place of the first ticket at or after an instant. */
export function firstAt(tickets: readonly AskedTicket[], at: number): number {
  let low = 0;
  let high = tickets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tickets[middle]?.at ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Active time of an account within a stretch, ms. */
export function activeMs({ active }: AccountExposure, { from, to }: Span): number {
  let sum = 0;
  for (let index = indexAt(active, from); index < active.length; index += 1) {
    const period = active[index];
    if (period === undefined || period.from >= to) break;
    sum += Math.min(to, period.to) - Math.max(from, period.from);
  }
  return sum;
}

/** Person-time in days: what rates are told per. */
export function toDays(ms: number): number {
  return ms / DAY_MS;
}
