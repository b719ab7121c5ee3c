import { createHistory, type HistoryConfig } from '@kpi/clickhouse';
import { type ComparisonReport, compareTickets, ticketsFrom } from '@kpi/comparison';
import { Fault } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { workerData } from 'piscina';

import type { ReportQuestion } from './report-pool.ts';

/** What a thread answers: a class does not survive the way between threads. */
export type ReportAnswer =
  | { readonly report: ComparisonReport }
  | { readonly fault: Pick<Fault, 'code' | 'detail'> };

// What report-pool.ts gives.
const config: HistoryConfig = workerData;
const history = createHistory(config, createLog({ name: 'api', level: 'silent' }));

/** Read the accounts that a comparison is about, and compare. */
export default async function report(question: ReportQuestion): Promise<ReportAnswer> {
  const { tenantId, definitions, design } = question;
  try {
    const accounts = await history.exposures({
      tenantId,
      definitions,
      until: design.window.to,
      ticketsFrom: ticketsFrom(design),
    });
    return { report: compareTickets(accounts, design) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: { code: error.code, detail: error.detail } };
  }
}
