import {
  type AccountExposure,
  type ComparedPiece,
  comparedPieces,
  firstAt,
  toDays,
  trainedAt,
} from '@kpi/core';
import { type PairedTime, type StratumTime } from '@kpi/statistics';

import { type ComparisonDesign } from './design.ts';

/** One account within the window: its tickets and days in trained (1) and untrained (0) time. */
export interface ComparedAccount extends PairedTime {
  readonly account: string;
  /** Infinity while it is not trained. */
  readonly trainedAt: number;
}

/** The window, counted: what every estimate is made of. Times in days. */
export interface Exposure {
  /** Accounts with active time in the window. */
  readonly accounts: readonly ComparedAccount[];
  /** The same by stratum: one cell per account and stratum. */
  readonly cells: readonly StratumTime[];
  /** Tickets of accounts that were not active, and of nobody known. */
  readonly notActive: number;
  readonly unresolved: number;
}

/** Counts the tickets and the active time of accounts, time-varying: each trained only from its training on. */
export function exposureOf(
  accounts: readonly AccountExposure[],
  design: ComparisonDesign,
): Exposure {
  const compared: ComparedAccount[] = [];
  const cells: StratumTime[] = [];
  let notActive = 0;
  let unresolved = 0;
  const cutAt = design.strata.includes('month') ? monthStarts(design.window) : [];
  for (const account of accounts) {
    const tickets = account.tickets.filter(
      ({ at, isOfIncident }) =>
        design.window.from <= at &&
        at < design.window.to &&
        (design.countsIncidents || !isOfIncident),
    );
    if (account.account === '') {
      unresolved += tickets.length;
      continue;
    }
    const at = trainedAt(account, design.rule);
    const pieces = comparedPieces(account, { ...design, trainedAt: at, cutAt });
    const all = new Map<string, Counts>();
    const sums: Counts = { a: 0, t1: 0, b: 0, t0: 0 };
    let placed = 0;
    for (const piece of pieces) {
      const asked = firstAt(tickets, piece.to) - firstAt(tickets, piece.from);
      placed += asked;
      if (!isWanted(piece, design.filter)) continue;
      const stratum = stratumOf(piece, design);
      const cell = all.get(stratum) ?? { a: 0, t1: 0, b: 0, t0: 0 };
      all.set(stratum, cell);
      for (const counts of [cell, sums]) count(counts, piece, asked);
    }
    notActive += tickets.length - placed - inLag(account, tickets, { at, lagMs: design.lagMs });
    if (all.size === 0) continue;
    compared.push({ account: account.account, trainedAt: at, ...sums });
    for (const [stratum, counts] of all)
      cells.push({ account: account.account, stratum, ...counts });
  }
  return { accounts: compared, cells, notActive, unresolved };
}

type Counts = { -readonly [Name in keyof PairedTime]: PairedTime[Name] };

function count(counts: Counts, piece: ComparedPiece, asked: number): void {
  const length = toDays(piece.to - piece.from);
  if (piece.isTrained) {
    counts.a += asked;
    counts.t1 += length;
  } else {
    counts.b += asked;
    counts.t0 += length;
  }
}

/** Tickets in the time between training and its effect: active, but in neither group. */
function inLag(
  { active }: AccountExposure,
  tickets: readonly { readonly at: number }[],
  { at, lagMs }: { readonly at: number; readonly lagMs: number },
): number {
  if (lagMs === 0) return 0;
  return tickets.filter(
    (ticket) =>
      at <= ticket.at &&
      ticket.at < at + lagMs &&
      active.some(({ from, to }) => from <= ticket.at && ticket.at < to),
  ).length;
}

function isWanted(piece: ComparedPiece, { plan, tenure }: ComparisonDesign['filter']): boolean {
  return (
    (plan === undefined || plan.includes(piece.plan)) &&
    (tenure === undefined || tenure.includes(piece.tenure))
  );
}

/** Name of the stratum, such as `28-84 · pro`. */
function stratumOf(piece: ComparedPiece, { strata }: ComparisonDesign): string {
  const parts = { tenure: piece.tenure, plan: piece.plan, month: monthOf(piece.from) };
  return strata.map((name) => parts[name]).join(STRATUM_JOINT);
}

/** Between the parts of a stratum's name. */
export const STRATUM_JOINT = ' · ';

function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 'yyyy-mm'.length);
}

/** Starts of the UTC months inside a window. */
function monthStarts({
  from,
  to,
}: {
  readonly from: number;
  readonly to: number;
}): readonly number[] {
  const first = new Date(from);
  const starts: number[] = [];
  for (let month = first.getUTCMonth() + 1; ; month += 1) {
    const start = Date.UTC(first.getUTCFullYear(), month);
    if (start >= to) return starts;
    starts.push(start);
  }
}
