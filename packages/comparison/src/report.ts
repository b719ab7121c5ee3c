import { type AccountExposure } from '@kpi/core';
import {
  type PooledRatio,
  type StratumTotals,
  differenceInDifferences,
  eventStudy,
  mantelHaenszel,
  sumStrata,
} from '@kpi/statistics';

import { type Exposure, exposureOf } from './cells.ts';
import { type ComparisonReport, type ReportedStratified } from './comparison-report.ts';
import { type ComparisonDesign, LAGS, LEADS } from './design.ts';
import {
  type Compared,
  type GuardRail,
  guardRailsOf,
  mayHeadline,
  statusOf,
} from './guard-rails.ts';
import { matchedTime } from './matched.ts';
import { panelOf } from './panel.ts';
import {
  PER_DAYS,
  byStratum,
  crudeOf,
  intervalOf,
  reportContrast,
  reportDifference,
  reportGroup,
  reportRatio,
  reportStratum,
} from './reported.ts';
import { sampleOf } from './sample.ts';
import { unadjustedOf } from './unadjusted.ts';
import { wordingOf } from './wording.ts';

/** Where a ratio whose logarithm is nearly normal has no interval: counts are small, or intervals are refused. */
const WITHOUT_INTERVAL: ReadonlySet<GuardRail> = new Set([
  'few_tickets',
  'nothing_in_a_group',
  'first_look_too_early',
  'overdispersed',
]);

/** Accounts that are followed one by one, before and after: more hardly narrow an interval, and every one is held against many. */
const FOLLOWED_MAX = 5_000;

/** Compare trained with untrained time. Pure: the same accounts and design give the same report. */
export function compareTickets(
  accounts: readonly AccountExposure[],
  design: ComparisonDesign,
): ComparisonReport {
  const exposure = exposureOf(accounts, design);
  const pooled = mantelHaenszel(exposure.cells);
  const totals = sumStrata(exposure.cells);
  const sample = sampleOf(accounts, FOLLOWED_MAX);
  const matched = matchedTime(sample, design);
  const contrast = differenceInDifferences(matched.rows);
  const study = eventStudy(panelOf(sample, design), { leads: LEADS, lags: LAGS });
  const guardRails = guardRailsOf({
    ...comparedOf(exposure, { pooled, totals }),
    overlap: pooled === undefined ? null : pooled.overlap.time1,
    preTrendP: study?.preTrend?.pValue ?? null,
    homogeneityP: pooled?.homogeneity?.pValue ?? null,
    unresolvedShare: unresolvedShare(exposure),
    dispersion: pooled?.dispersion ?? null,
    isClustered: design.isClustered,
    areLooksRepeated: design.areLooksRepeated,
  });
  const hasInterval = !guardRails.some(({ code }) => WITHOUT_INTERVAL.has(code));
  const stratified =
    pooled === undefined ? null : reportStratified(pooled, { design, hasInterval });
  const { trained, untrained } = groupsOf(exposure);
  const report = {
    groups: { trained: reportGroup(trained), untrained: reportGroup(untrained) },
    headline: mayHeadline(guardRails) ? stratified : null,
    stratified,
    strata: totals.map(reportStratum).toSorted(byStratum),
    crude: crudeOf(exposure.accounts, { trained, untrained }),
    difference_in_differences: contrast === undefined ? null : reportContrast(contrast),
    matched: {
      trained: matched.treated,
      compared: matched.treatedMatched,
      others: matched.controls,
    },
    event_study:
      study === undefined
        ? null
        : {
            points: study.points.map(({ eventTime, estimate, low, high, accounts: count }) => ({
              period: eventTime,
              effect: estimate * PER_DAYS,
              low: low * PER_DAYS,
              high: high * PER_DAYS,
              accounts: count,
            })),
            pre_trend:
              study.preTrend === null
                ? null
                : {
                    statistic: study.preTrend.statistic,
                    degrees_of_freedom: study.preTrend.degreesOfFreedom,
                    p_value: study.preTrend.pValue,
                  },
          },
    unadjusted: unadjustedOf(exposure),
    dispersion: pooled?.dispersion ?? null,
    excluded: {
      account_not_active: exposure.notActive,
      unresolved_account: exposure.unresolved,
    },
    status: statusOf(guardRails),
    guard_rails: guardRails,
  };
  return { ...report, summary: wordingOf(report, design) };
}

function reportStratified(
  pooled: PooledRatio,
  { design, hasInterval }: { readonly design: ComparisonDesign; readonly hasInterval: boolean },
): ReportedStratified {
  const { homogeneity, overlap, difference } = pooled;
  const estimate = design.isClustered
    ? pooled
    : { ...pooled, logSe: pooled.greenlandRobinsSe, degreesOfFreedom: null };
  return {
    ...reportRatio(estimate, hasInterval ? intervalOf(estimate, design) : null),
    difference: reportDifference(difference, estimate),
    homogeneity:
      homogeneity === null
        ? null
        : {
            q: homogeneity.q,
            degrees_of_freedom: homogeneity.degreesOfFreedom,
            p_value: homogeneity.pValue,
          },
    overlap: {
      trained_time: overlap.time1,
      untrained_time: overlap.time0,
      trained_tickets: overlap.events1,
      untrained_tickets: overlap.events0,
    },
    accounts: pooled.accounts,
  };
}

/** What the guard rails look at: time that is compared, or all of it where nothing can be. */
function comparedOf(
  exposure: Exposure,
  {
    pooled,
    totals,
  }: { readonly pooled: PooledRatio | undefined; readonly totals: readonly StratumTotals[] },
): Compared {
  const used = totals.filter(({ isUsed }) => isUsed);
  const { trained, untrained } = groupsOf(exposure);
  if (pooled === undefined || used.length === 0) {
    return {
      trained,
      untrained,
      accounts: { trained: trained.accounts, untrained: untrained.accounts },
      accountsWithTickets: exposure.accounts.filter(({ a, b }) => a + b > 0).length,
    };
  }
  const sum = (read: (one: StratumTotals) => number): number =>
    used.reduce((all, one) => all + read(one), 0);
  return {
    trained: { events: sum(({ a }) => a), time: sum(({ t1 }) => t1) },
    untrained: { events: sum(({ b }) => b), time: sum(({ t0 }) => t0) },
    accounts: { trained: pooled.accounts1, untrained: pooled.accounts0 },
    accountsWithTickets: pooled.accountsWithEvents,
  };
}

/** Both groups over all strata. */
function groupsOf({ accounts }: Exposure) {
  const trained = { events: 0, time: 0, accounts: 0 };
  const untrained = { events: 0, time: 0, accounts: 0 };
  for (const { a, t1, b, t0 } of accounts) {
    trained.events += a;
    trained.time += t1;
    untrained.events += b;
    untrained.time += t0;
    if (t1 > 0) trained.accounts += 1;
    if (t0 > 0) untrained.accounts += 1;
  }
  return { trained, untrained };
}

/** Of all tickets: nobody knows whether those of nobody known would pass the filter. */
function unresolvedShare({ placed, unresolved }: Exposure): number {
  return unresolved === 0 ? 0 : unresolved / (unresolved + placed);
}
