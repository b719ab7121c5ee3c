import {
  type ContrastRatio,
  LEVEL,
  type LogRatio,
  type PooledRatio,
  type RateGroup,
  type StratumTotals,
  alwaysValidInterval,
  clusteredRatio,
  exactRatio,
  garwood,
  logWaldRatio,
  midPRatio,
  midPRatioPValue,
  rateRatio,
  ratioInterval,
  ratioPValue,
} from '@kpi/statistics';

import { type ComparedAccount } from './cells.ts';
import {
  type ReportedCell,
  type ReportedContrast,
  type ReportedGroup,
  type ReportedInterval,
  type ReportedRatio,
  type ReportedStratified,
  type ReportedStratum,
} from './comparison-report.ts';
import { type ComparisonDesign } from './design.ts';
import { TICKETS_OF_GROUP_MIN } from './guard-rails.ts';

/** Rates are told per so many account-days. */
export const PER_DAYS = 100;

type Group = RateGroup & { readonly accounts: number };

/** A rate with its exact interval, which takes tickets as independent (Garwood; STATISTICS 2). */
export function reportGroup({ events, time, accounts }: Group): ReportedGroup {
  const isKnown = time > 0;
  const { low, high } = isKnown ? garwood(events, time) : { low: 0, high: 0 };
  return {
    tickets: events,
    account_days: time,
    accounts,
    rate: isKnown ? (events / time) * PER_DAYS : null,
    ci: isKnown
      ? { level: LEVEL, low: low * PER_DAYS, high: high * PER_DAYS, method: 'garwood' }
      : null,
  };
}

/** The interval that fits how the comparison is looked at. */
export function intervalOf(
  estimate: LogRatio,
  { isClustered, areLooksRepeated }: ComparisonDesign,
): ReportedInterval {
  const basis = isClustered ? 'clustered' : 'greenland_robins';
  return areLooksRepeated
    ? { level: LEVEL, ...alwaysValidInterval(estimate), method: `always_valid_${basis}` }
    : { level: LEVEL, ...ratioInterval(estimate), method: `mantel_haenszel_${basis}` };
}

/** A ratio with its interval, or without one and then without a p-value too: both come from the same method. */
export function reportRatio(estimate: LogRatio, ci: ReportedInterval | null): ReportedRatio {
  const isRepeated = ci?.method.startsWith('always_valid') ?? false;
  return {
    ratio: estimate.ratio,
    ci,
    p_value: ci === null || isRepeated ? null : ratioPValue(estimate),
    log_se: estimate.logSe,
  };
}

/** Without strata. Few tickets: mid-P, which takes them as independent; else clustered by account. Null without a ratio. */
export function crudeOf(
  accounts: readonly ComparedAccount[],
  { trained, untrained }: { readonly trained: Group; readonly untrained: Group },
): ReportedRatio | null {
  if (trained.time === 0 || untrained.time === 0) return null;
  const ratio = rateRatio(trained, untrained);
  if (ratio === null) return null;
  if (Math.min(trained.events, untrained.events) < TICKETS_OF_GROUP_MIN) {
    const isEmpty = trained.events === 0;
    const { low, high } = (isEmpty ? exactRatio : midPRatio)(trained, untrained);
    return {
      ratio,
      ci: { level: LEVEL, low, high, method: isEmpty ? 'exact' : 'mid_p' },
      p_value: isEmpty ? null : midPRatioPValue(trained, untrained),
      log_se: null,
    };
  }
  const estimate = clusteredRatio(accounts);
  const ci = { level: LEVEL, ...ratioInterval(estimate), method: 'crude_clustered' };
  return reportRatio(estimate, ci);
}

/** A stratum alone has an interval as of independent tickets: too short where they come together. */
export function reportStratum({ stratum, a, t1, b, t0, isUsed }: StratumTotals): ReportedStratum {
  const [trained, untrained] = [
    { events: a, time: t1 },
    { events: b, time: t0 },
  ];
  const hasBoth = a > 0 && b > 0;
  return {
    stratum,
    trained: cellOf(trained),
    untrained: cellOf(untrained),
    ratio: isUsed && b > 0 ? rateRatio(trained, untrained) : null,
    ci: hasBoth ? { level: LEVEL, ...logWaldRatio(trained, untrained), method: 'log_wald' } : null,
    is_used: isUsed,
  };
}

export function reportContrast(contrast: ContrastRatio): ReportedContrast {
  const { treatedBefore, treatedAfter, controlBefore, controlAfter } = contrast.totals;
  const method = 'difference_in_differences_clustered';
  return {
    ...reportRatio(contrast, { level: LEVEL, ...ratioInterval(contrast), method }),
    trained: { before: cellOf(treatedBefore), after: cellOf(treatedAfter) },
    others: { before: cellOf(controlBefore), after: cellOf(controlAfter) },
  };
}

function cellOf({ events, time }: RateGroup): ReportedCell {
  return { tickets: events, account_days: time };
}

/** Difference of rates, clustered by account like the ratio beside it. */
export function reportDifference(
  { difference, clusteredSe }: PooledRatio['difference'],
  { degreesOfFreedom }: Pick<LogRatio, 'degreesOfFreedom'>,
): ReportedStratified['difference'] {
  // The quantile is that of a ratio: the logarithm of its limits.
  const half = Math.log(ratioInterval({ ratio: 1, logSe: clusteredSe, degreesOfFreedom }).high);
  return {
    value: difference * PER_DAYS,
    ci: {
      level: LEVEL,
      low: (difference - half) * PER_DAYS,
      high: (difference + half) * PER_DAYS,
      method: 'mantel_haenszel_clustered',
    },
  };
}

/** Tenure in its natural order: `84-182` before `182-364`. */
export function byStratum(a: ReportedStratum, b: ReportedStratum): number {
  return a.stratum.localeCompare(b.stratum, 'en', { numeric: true });
}
