import { type LiveView } from '@kpi/redis';

import { type Disagreement, compareRows, lookTwice } from './differences.ts';
import { loadFresh } from './fresh-view.ts';
import { liveQuestions } from './questions.ts';
import { type RecountOptions, recountLog } from './recount.ts';

export interface LogReport {
  readonly isClean: boolean;
  readonly questions: number;
  readonly events: number;
  readonly refused: number;
  /** `history` is the recount here. */
  readonly disagreements: readonly Disagreement[];
}

/**
 * Compare every live value with a recount from the log at equal offsets, and what differs once more, as {@link verify} does.
 * The view is loaded for this one comparison.
 */
export async function verifyAgainstLog(
  live: LiveView,
  options: Omit<RecountOptions, 'bound' | 'definitionsOf'>,
): Promise<LogReport> {
  const report = await lookTwice(() => look(live, options), options.signal);
  return { ...report, isClean: report.disagreements.length === 0 };
}

async function look(
  live: LiveView,
  options: Omit<RecountOptions, 'bound' | 'definitionsOf'>,
): Promise<Omit<LogReport, 'isClean'>> {
  await loadFresh(live, options);
  const at = options.clock();
  const asked = live
    .tenants()
    .flatMap((tenantId) =>
      liveQuestions(tenantId, { definitions: live.definitionsOf(tenantId), nowMs: at }),
    )
    .map((query) => ({ query, rows: live.read(query) }));
  const recount = await recountLog({
    ...options,
    bound: live.bound(),
    definitionsOf: (tenantId) => live.definitionsOf(tenantId),
  });
  const disagreements = asked.flatMap(({ query, rows }) => {
    const differences = compareRows(rows, recount.index.read(query));
    return differences.length === 0 ? [] : [{ query, differences }];
  });
  return {
    questions: asked.length,
    events: sum(recount.events),
    refused: sum(recount.refused),
    disagreements,
  };
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
