import {
  type AccountExposure,
  DAY_MS,
  type Span,
  activeMs,
  periodAt,
  planAt,
  tenureAt,
  ticketsIn,
  toDays,
  trainedAt,
} from '@kpi/core';
import { type ContrastTime } from '@kpi/statistics';

import { type ComparisonDesign, followedSpan, isWanted } from './design.ts';

/** Trained accounts and those they are held against, before and after (STATISTICS 6). */
export interface Matched {
  /** Stratum: week of training, plan and tenure bucket at it. */
  readonly rows: readonly ContrastTime[];
  /** Accounts trained in time to be followed before and after, and those of them with somebody to be held against. */
  readonly treated: number;
  readonly treatedMatched: number;
  readonly controls: number;
}

const WEEK_MS = 7 * DAY_MS;

/** So many others for each trained account of a stratum: more hardly narrow the interval, and take long. */
const CONTROLS_PER_TREATED = 10;
const CONTROLS_MIN = 50;

/**
 * Accounts trained in `[to - prepost - W, to - prepost)` (KPI_SPEC 7.4), earlier by the lag, and for each week of training the
 * accounts that were active then, on the same plan and in the same tenure bucket, and not trained before the time after had ended.
 * These take over the middle one of the weeks' instants of training. Accounts are compared with others of the same week, plan and
 * tenure only. The first that are given are taken, so they must come in an order that has nothing to do with when they came.
 */
export function matchedTime(
  accounts: readonly AccountExposure[],
  design: ComparisonDesign,
): Matched {
  const followed = followedSpan(design);
  const all = accounts.map((account) => ({ account, at: trainedAt(account, design.rule) }));
  const treated = all.filter(
    ({ account, at }) =>
      followed.from <= at &&
      at < followed.to &&
      periodAt(account, at) !== undefined &&
      isWanted(stateAt(account, at, design), design),
  );
  const rows: ContrastTime[] = [];
  const controls = new Set<string>();
  let matched = 0;
  const weeks = Map.groupBy(treated, ({ at }) => Math.floor(at / WEEK_MS));
  for (const [week, ofWeek] of weeks) {
    const strata = Map.groupBy(ofWeek, ({ account, at }) => stratumAt(account, at, design));
    const pseudo = middleOf(ofWeek.map(({ at }) => at));
    const wanted = new Map(
      [...strata].map(([stratum, of]) => [
        stratum,
        Math.max(CONTROLS_MIN, CONTROLS_PER_TREATED * of.length),
      ]),
    );
    const found = controlsOf(all, { pseudo, design, wanted });
    for (const [stratum, accountsOfStratum] of strata) {
      const others = found.get(stratum) ?? [];
      if (others.length === 0) continue;
      matched += accountsOfStratum.length;
      const name = `${week} ${stratum}`;
      for (const { account, at } of accountsOfStratum)
        rows.push(...contrast(account, at, { isTreated: true, stratum: name, design }));
      for (const account of others) {
        controls.add(account.account);
        rows.push(...contrast(account, pseudo, { isTreated: false, stratum: name, design }));
      }
    }
  }
  return { rows, treated: treated.length, treatedMatched: matched, controls: controls.size };
}

interface Candidate {
  readonly account: AccountExposure;
  readonly at: number;
}

function controlsOf(
  candidates: readonly Candidate[],
  search: {
    readonly pseudo: number;
    /** How many are enough, by stratum. */
    readonly wanted: ReadonlyMap<string, number>;
    readonly design: ComparisonDesign;
  },
): ReadonlyMap<string, readonly AccountExposure[]> {
  const { pseudo, wanted, design } = search;
  const free = pseudo + design.lagMs + design.prepostMs;
  const found = new Map<string, AccountExposure[]>();
  let missing = wanted.size;
  for (const { account, at } of candidates) {
    if (missing === 0) break;
    if (at < free || periodAt(account, pseudo) === undefined) continue;
    const stratum = stratumAt(account, pseudo, design);
    const enough = wanted.get(stratum) ?? 0;
    const others = found.get(stratum) ?? [];
    if (others.length >= enough) continue;
    found.set(stratum, others);
    others.push(account);
    if (others.length === enough) missing -= 1;
  }
  return found;
}

function stratumAt(account: AccountExposure, at: number, design: ComparisonDesign): string {
  const { tenure, plan } = stateAt(account, at, design);
  return `${tenure} ${plan}`;
}

/** Tenure bucket and plan at an instant of active time. */
function stateAt(account: AccountExposure, at: number, { tenureEdgesMs }: ComparisonDesign) {
  const since = periodAt(account, at)?.from ?? at;
  return { tenure: tenureAt(at - since, tenureEdgesMs), plan: planAt(account, at) };
}

function contrast(
  account: AccountExposure,
  at: number,
  of: {
    readonly isTreated: boolean;
    readonly stratum: string;
    readonly design: ComparisonDesign;
  },
): readonly ContrastTime[] {
  const { isTreated, stratum, design } = of;
  const { lagMs, prepostMs, washoutMs } = design;
  const before = { from: at - washoutMs - prepostMs, to: at - washoutMs };
  const after = { from: at + lagMs, to: at + lagMs + prepostMs };
  return [before, after].map((span) => ({
    account: account.account,
    isTreated,
    isAfter: span === after,
    stratum,
    events: eventsIn(account, span, design),
    time: toDays(activeMs(account, span)),
  }));
}

/** Tickets in the active time within a stretch. */
export function eventsIn(
  account: AccountExposure,
  stretch: Span,
  { countsIncidents }: Pick<ComparisonDesign, 'countsIncidents'>,
): number {
  let sum = 0;
  for (const period of account.active) {
    const span = { from: Math.max(period.from, stretch.from), to: Math.min(period.to, stretch.to) };
    if (span.from >= span.to) continue;
    sum += countsIncidents
      ? ticketsIn(account.tickets, span)
      : account.tickets.filter(
          ({ at, isOfIncident }) => !isOfIncident && span.from <= at && at < span.to,
        ).length;
  }
  return sum;
}

function middleOf(instants: readonly number[]): number {
  return instants.toSorted((a, b) => a - b)[Math.floor((instants.length - 1) / 2)] ?? 0;
}
