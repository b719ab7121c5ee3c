import type { ComponentRow, KpiQuery, KpiValue } from '@kpi/core';
import type { Moment } from '@kpi/values';

import { type Question, queryOf, valueOf } from './question.ts';
import type { Stores } from './stores.ts';

export interface AskingPast {
  readonly stores: Stores;
  readonly clock: () => number;
}

/** What history says of a question at some times. */
export async function readPast(
  { stores, clock }: AskingPast,
  question: Question,
  asked: Pick<KpiQuery, 'asOf' | 'keep'>,
): Promise<readonly ComponentRow[]> {
  const now = clock();
  // Only an open window needs the moment of reading; without it, equal questions stay equal.
  const clip = asked.asOf.some((at) => at > now) ? { clipAt: now } : {};
  return stores.history.read({ ...queryOf(question, asked.asOf), ...asked, ...clip });
}

/** One row of {@link readPast} as a published value. */
export function pastValue(question: Question, row: ComponentRow, computedAt: number): KpiValue {
  const at = { to: row.asOf, asOf: row.asOf, computedAt };
  const moment: Moment = { ...at, servedFrom: 'history', revision: 0, sources: {} };
  return valueOf({ question, row, by: question.selection.by, moment });
}
