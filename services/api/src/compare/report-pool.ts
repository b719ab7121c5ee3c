import type { HistoryConfig } from '@kpi/clickhouse';
import type { ComparisonDesign, ComparisonReport } from '@kpi/comparison';
import { type Definitions, Fault } from '@kpi/core';
import type { Logger } from '@kpi/runtime';
import { Piscina } from 'piscina';

import type { ReportAnswer } from './report-thread.ts';

export interface ReportQuestion {
  readonly tenantId: string;
  readonly definitions: Definitions;
  readonly design: ComparisonDesign;
}

/** Compares in a thread of its own: some hundred thousand account-days take a second, in which nobody else would be answered. */
export interface ReportPool {
  /** Throws `history_unreachable`. Whoever does not wait any longer aborts, which ends the thread. */
  report(question: ReportQuestion, signal: AbortSignal): Promise<ComparisonReport>;
  close(): Promise<void>;
}

/** Begins the thread with the first question, and another one when it ends by itself. */
export function createReportPool(config: HistoryConfig, log: Logger): ReportPool {
  const pool = new Piscina<ReportQuestion, ReportAnswer>({
    filename: new URL('report-thread.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Infinity,
    workerData: config,
  });
  pool.on('error', (error: unknown) => log.error({ err: error }, 'a comparing thread has ended'));
  return {
    async report(question, signal) {
      const answer = await pool.run(question, { signal });
      if ('fault' in answer) throw new Fault(answer.fault.code, answer.fault.detail);
      return answer.report;
    },
    close: () => pool.destroy(),
  };
}
