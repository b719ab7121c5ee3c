import chiSquaredCdf from '@stdlib/stats-base-dists-chisquare-cdf';

import { type FollowUp, riskSets } from './risk-set.ts';

/** Whether two groups have their events at different rates over time. */
export interface LogRank {
  /** Chi-squared on one degree of freedom. */
  readonly statistic: number;
  readonly pValue: number;
  /** Events of group 1, and those expected of it if the groups were alike. */
  readonly observed: number;
  readonly expected: number;
}

/**
 * Log-rank test of two groups with the hypergeometric variance (STATISTICS.md 8; Mantel 1966). Who changes groups leaves one
 * (lost) and enters the other late, at the same age; a status known only later must not sort people into groups. Where the
 * groups never have anybody at risk together the p-value is 1. Throws a RangeError on impossible follow-ups.
 */
export function logRank(one: readonly FollowUp[], zero: readonly FollowUp[]): LogRank {
  const observedAt = new Map(riskSets(one).map((set) => [set.time, set]));
  const othersAt = new Map(riskSets(zero).map((set) => [set.time, set]));
  let [observed, expected, variance] = [0, 0, 0];
  for (const { time, events, atRisk } of riskSets([...one, ...zero])) {
    const own = observedAt.get(time);
    const others = othersAt.get(time);
    const atRiskOne = own?.atRisk ?? atRisk - (others?.atRisk ?? 0);
    const share = atRiskOne / atRisk;
    observed += own?.events ?? 0;
    expected += events * share;
    if (atRisk > 1) variance += (events * share * (1 - share) * (atRisk - events)) / (atRisk - 1);
  }
  const statistic = variance > 0 ? (observed - expected) ** 2 / variance : 0;
  return { statistic, pValue: Math.max(0, 1 - chiSquaredCdf(statistic, 1)), observed, expected };
}
