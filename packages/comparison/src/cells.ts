import {
  type AccountExposure,
  type ComparedPiece,
  comparedPieces,
  firstAt,
  toDays,
  trainedAt,
} from '@kpi/core';
import { type PairedTime, type StratumTime } from '@kpi/statistics';

import { type ComparisonDesign, isWanted } from './design.ts';

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
  /** Tickets of active accounts in either group, also of those that the filter leaves out. */
  readonly placed: number;
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
  const cells: Cell[] = [];
  let allPlaced = 0;
  let notActive = 0;
  let unresolved = 0;
  const cutAt = design.strata.includes('month') ? monthStarts(design.window) : [];
  const { window, lagMs, tenureEdgesMs } = design;
  const cut = { window, lagMs, tenureEdgesMs, cutAt };
  for (const account of accounts) {
    const tickets = ticketsOf(account, design);
    if (account.account === '') {
      unresolved += tickets.length;
      continue;
    }
    const at = trainedAt(account, design.rule);
    const sums = { account: account.account, trainedAt: at, a: 0, t1: 0, b: 0, t0: 0 };
    const first = cells.length;
    let placed = 0;
    for (const piece of comparedPieces(account, at, cut)) {
      const asked =
        tickets.length === 0 ? 0 : firstAt(tickets, piece.to) - firstAt(tickets, piece.from);
      placed += asked;
      if (!isWanted(piece, design)) continue;
      const cell = cellOf(cells, first, {
        account: account.account,
        stratum: stratumOf(piece, design),
      });
      count(cell, piece, asked);
      count(sums, piece, asked);
    }
    allPlaced += placed;
    notActive += tickets.length - placed - inLag(account, tickets, { at, lagMs });
    if (cells.length > first) compared.push(sums);
  }
  return { accounts: compared, cells, placed: allPlaced, notActive, unresolved };
}

type Cell = Counts & Pick<StratumTime, 'account' | 'stratum'>;

/** The cell of a stratum among those of an account, which begin at `first`: it has a handful. */
function cellOf(
  cells: Cell[],
  first: number,
  { account, stratum }: Pick<StratumTime, 'account' | 'stratum'>,
): Cell {
  for (let index = first; index < cells.length; index += 1) {
    const cell = cells[index];
    if (cell?.stratum === stratum) return cell;
  }
  const cell: Cell = { account, stratum, a: 0, t1: 0, b: 0, t0: 0 };
  cells.push(cell);
  return cell;
}

/** Those that count within the window. */
function ticketsOf({ tickets }: AccountExposure, { window, countsIncidents }: ComparisonDesign) {
  if (tickets.length === 0) return tickets;
  return tickets.filter(
    ({ at, isOfIncident }) =>
      window.from <= at && at < window.to && (countsIncidents || !isOfIncident),
  );
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

/** Name of the stratum, such as `28-84 · pro`. */
function stratumOf(piece: ComparedPiece, { strata }: ComparisonDesign): string {
  let name = '';
  for (const stratum of strata) {
    const part = stratum === 'month' ? monthOf(piece.from) : piece[stratum];
    name = name === '' ? part : name + STRATUM_JOINT + part;
  }
  return name;
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
