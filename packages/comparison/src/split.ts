import { type AccountExposure } from '@kpi/core';
import { LEVEL, clusteredRatio, ratioInterval } from '@kpi/statistics';

import { exposureOf } from './cells.ts';
import { type ReportedRatio } from './comparison-report.ts';
import { type ComparisonDesign, type StratumName } from './design.ts';
import { reportRatio } from './reported.ts';

/**
 * Ticket rates of two values of a dimension of person-time, first over second, clustered by account: an account that changed its plan
 * is in both. Undefined where a group has no tickets or fewer than two accounts have time.
 */
export function splitRatio(
  accounts: readonly AccountExposure[],
  design: ComparisonDesign,
  { by, values }: { readonly by: StratumName; readonly values: readonly [string, string] },
): ReportedRatio | undefined {
  const { cells } = exposureOf(accounts, { ...design, strata: [by] });
  const pairs = new Map<string, { a: number; t1: number; b: number; t0: number }>();
  for (const cell of cells) {
    const place = values.indexOf(cell.stratum);
    if (place === -1) continue;
    const pair = pairs.get(cell.account) ?? { a: 0, t1: 0, b: 0, t0: 0 };
    pairs.set(cell.account, pair);
    const [events, time] = [cell.a + cell.b, cell.t1 + cell.t0];
    if (place === 0) {
      pair.a += events;
      pair.t1 += time;
    } else {
      pair.b += events;
      pair.t0 += time;
    }
  }
  const all = [...pairs.values()];
  const hasBoth = all.some(({ a }) => a > 0) && all.some(({ b }) => b > 0);
  if (!hasBoth || all.length < 2) return undefined;
  const estimate = clusteredRatio(all);
  return reportRatio(estimate, {
    level: LEVEL,
    ...ratioInterval(estimate),
    method: 'clustered',
  });
}
