import { toDays } from '@kpi/core';
import { LEVEL, alwaysValidInterval, mantelHaenszel } from '@kpi/statistics';

import { STRATUM_JOINT } from './cells.ts';
import {
  type ComparisonReport,
  type ReportedGroup,
  type ReportedStratum,
} from './comparison-report.ts';
import { type ComparisonDesign } from './design.ts';
import { byStratum, reportGroup, reportStratum } from './reported.ts';
import { wordingOf } from './wording.ts';

/** What the live store counts of one group in one stratum, since the end of what history told. */
export interface LiveStratum {
  /** Values of the strata, in the order of the design. */
  readonly parts: readonly string[];
  readonly isTrained: boolean;
  readonly tickets: number;
  readonly exposureMs: number;
}

/**
 * A growing comparison with what has come since: counts, rates and ratios are of both together; the spread of the ratio, and all that
 * follows accounts, stays that of history until it is asked again. Accounts are those that history knows.
 */
export function addLive(
  report: ComparisonReport,
  live: readonly LiveStratum[],
  design: ComparisonDesign,
): ComparisonReport {
  const strata = stratified(report.strata, live);
  const more = (isTrained: boolean) => {
    const of = live.filter((one) => one.isTrained === isTrained);
    return {
      tickets: of.reduce((sum, { tickets }) => sum + tickets, 0),
      days: toDays(of.reduce((sum, { exposureMs }) => sum + exposureMs, 0)),
    };
  };
  const groups = {
    trained: grown(report.groups.trained, more(true)),
    untrained: grown(report.groups.untrained, more(false)),
  };
  const ratio = ratioOf(strata);
  const renewed = { ...report, groups, strata };
  if (ratio === undefined || report.stratified === null) {
    return { ...renewed, summary: wordingOf(renewed, design) };
  }
  const { ci, log_se: logSe } = report.stratified;
  const moved = {
    ...report.stratified,
    ratio,
    ci:
      ci === null || logSe === null
        ? null
        : {
            level: LEVEL,
            ...alwaysValidInterval({ ratio, logSe, degreesOfFreedom: null }),
            method: ci.method,
          },
  };
  const all = { ...renewed, stratified: moved, headline: report.headline === null ? null : moved };
  return { ...all, summary: wordingOf(all, design) };
}

function grown(
  group: ReportedGroup,
  more: { readonly tickets: number; readonly days: number },
): ReportedGroup {
  return reportGroup({
    events: group.tickets + more.tickets,
    time: group.account_days + more.days,
    accounts: group.accounts,
  });
}

function stratified(
  known: readonly ReportedStratum[],
  live: readonly LiveStratum[],
): readonly ReportedStratum[] {
  const sums = new Map(
    known.map(({ stratum, trained, untrained }) => [
      stratum,
      {
        a: trained.tickets,
        t1: trained.account_days,
        b: untrained.tickets,
        t0: untrained.account_days,
      },
    ]),
  );
  for (const { parts, isTrained, tickets, exposureMs } of live) {
    const name = parts.join(STRATUM_JOINT);
    const sum = sums.get(name) ?? { a: 0, t1: 0, b: 0, t0: 0 };
    sums.set(name, sum);
    if (isTrained) {
      sum.a += tickets;
      sum.t1 += toDays(exposureMs);
    } else {
      sum.b += tickets;
      sum.t0 += toDays(exposureMs);
    }
  }
  return [...sums]
    .map(([stratum, sum]) => reportStratum({ stratum, ...sum, isUsed: sum.t1 > 0 && sum.t0 > 0 }))
    .toSorted(byStratum);
}

/** The ratio needs no accounts: each group stands for one. */
function ratioOf(strata: readonly ReportedStratum[]): number | undefined {
  return mantelHaenszel(
    strata.flatMap(({ stratum, trained, untrained }) => [
      { account: 'trained', stratum, a: trained.tickets, t1: trained.account_days, b: 0, t0: 0 },
      {
        account: 'untrained',
        stratum,
        a: 0,
        t1: 0,
        b: untrained.tickets,
        t0: untrained.account_days,
      },
    ]),
  )?.ratio;
}
