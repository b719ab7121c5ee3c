import { type AccountExposure, type TrainingRule, periodAt, trainedAt } from '@kpi/core';
import { type Difference, newcombe } from '@kpi/statistics';

/** Who was there at the landmark, and who churned after it. */
export interface LandmarkGroup {
  readonly accounts: number;
  readonly churned: number;
}

/**
 * Churn after a landmark, by what accounts were at it (STATISTICS 7): of those active at `at`, trained by then or not, how many had
 * their active time end in `(at, until)`. What they became later plays no part: whoever is trained later had to stay until then.
 */
export function churnAfterLandmark(
  accounts: readonly AccountExposure[],
  { at, until, rule }: { readonly at: number; readonly until: number; readonly rule: TrainingRule },
): { readonly trained: LandmarkGroup; readonly untrained: LandmarkGroup } {
  const groups = { trained: { accounts: 0, churned: 0 }, untrained: { accounts: 0, churned: 0 } };
  for (const account of accounts) {
    const period = periodAt(account, at);
    if (period === undefined) continue;
    const group = trainedAt(account, rule) <= at ? groups.trained : groups.untrained;
    group.accounts += 1;
    if (period.to < until) group.churned += 1;
  }
  return groups;
}

/** Churn of trained less that of untrained accounts, in percentage points (Newcombe). Undefined where a group is empty. */
export function churnDifference({
  trained,
  untrained,
}: ReturnType<typeof churnAfterLandmark>): Difference | undefined {
  if (trained.accounts === 0 || untrained.accounts === 0) return undefined;
  const trials = ({ accounts, churned }: LandmarkGroup) => ({ successes: churned, n: accounts });
  const { difference, low, high } = newcombe(trials(trained), trials(untrained));
  return { difference: difference * 100, low: low * 100, high: high * 100 };
}
