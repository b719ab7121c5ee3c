import { type KpiQuery } from '@kpi/core';
import { type LiveView } from '@kpi/redis';

import { compareRows, type Difference } from './differences.ts';
import { liveQuestions } from './questions.ts';
import { type RecountOptions, recountLog } from './recount.ts';

/** One question that the live store answers differently from the log. */
export interface LogDisagreement {
  readonly query: KpiQuery;
  /** `history` is the recount here. */
  readonly differences: readonly Difference[];
}

export interface LogReport {
  readonly isClean: boolean;
  readonly questions: number;
  readonly events: number;
  readonly refused: number;
  readonly disagreements: readonly LogDisagreement[];
}

/** Compare every live value with a recount from the log at equal offsets. The view is loaded for this one comparison. */
export async function verifyAgainstLog(
  live: LiveView,
  options: Omit<RecountOptions, 'bound'>,
): Promise<LogReport> {
  await live.reload();
  const at = options.clock();
  const asked = live
    .tenants()
    .flatMap((tenantId) => liveQuestions(tenantId, at))
    .map((query) => ({ query, rows: live.read(query) }));
  const recount = await recountLog({ ...options, bound: live.bound() });
  const disagreements = asked.flatMap(({ query, rows }) => {
    const differences = compareRows(rows, recount.index.read(query));
    return differences.length === 0 ? [] : [{ query, differences }];
  });
  return {
    isClean: disagreements.length === 0,
    questions: asked.length,
    events: sum(recount.events),
    refused: sum(recount.refused),
    disagreements,
  };
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
