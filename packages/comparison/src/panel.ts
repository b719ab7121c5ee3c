import { type AccountExposure, activeMs, planAt, tenureAt, toDays, trainedAt } from '@kpi/core';
import { type PanelRow } from '@kpi/statistics';

import { type ComparisonDesign, PERIOD_MS, isWanted, panelStart } from './design.ts';
import { eventsIn } from './matched.ts';

/**
 * Tickets and active days per account and period of 28 days, counted back from the end of the window, as far as it and the periods
 * before training that are looked at reach. An account belongs to the period in which it was trained. It is compared with accounts
 * that began on the same plan in the same period, or that were as old when the first one began: they ask less as they grow older.
 */
export function panelOf(
  accounts: readonly AccountExposure[],
  design: ComparisonDesign,
): readonly PanelRow[] {
  const { window, rule } = design;
  const start = panelStart(window);
  const count = (window.to - start) / PERIOD_MS;
  const rows: PanelRow[] = [];
  for (const account of accounts) {
    const at = trainedAt(account, rule);
    const cohort = at === Infinity ? null : Math.floor((at - start) / PERIOD_MS);
    // Trained before everything that is looked at: there is no time before to compare with.
    if (cohort !== null && cohort < 0) continue;
    const seen = firstSeen(account, start, design);
    if (!isWanted(seen, design)) continue;
    for (let period = 0; period < count; period += 1) {
      const from = start + period * PERIOD_MS;
      const span = { from, to: from + PERIOD_MS };
      const time = activeMs(account, span);
      if (time === 0) continue;
      const events = eventsIn(account, span, design);
      const { stratum } = seen;
      rows.push({ account: account.account, cohort, period, events, time: toDays(time), stratum });
    }
  }
  return rows;
}

/** Plan, tenure and age when the account is first seen. */
function firstSeen(account: AccountExposure, start: number, { tenureEdgesMs }: ComparisonDesign) {
  const first = account.active.find(({ to }) => to > start)?.from ?? start;
  const plan = planAt(account, Math.max(first, start));
  const tenure = tenureAt(Math.max(0, start - first), tenureEdgesMs);
  const age = first < start ? tenure : Math.floor((first - start) / PERIOD_MS);
  return { plan, tenure, stratum: `${age} ${plan}` };
}
