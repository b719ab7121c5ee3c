import { ANY_USER, DEFAULT_DEFINITIONS } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { expect, onTestFinished, test } from 'vitest';

import { type ReportPool, type ReportQuestion, createReportPool } from './report-pool.ts';

const QUESTION: ReportQuestion = {
  tenantId: 'acme',
  definitions: DEFAULT_DEFINITIONS,
  design: {
    window: { from: 0, to: 1 },
    rule: ANY_USER,
    lagMs: 0,
    tenureEdgesMs: [],
    strata: ['plan'],
    filter: {},
    countsIncidents: false,
    prepostMs: 1,
    washoutMs: 0,
    isClustered: true,
    areLooksRepeated: false,
  },
};

function poolWithoutHistory(): ReportPool {
  const config = {
    KPI_CLICKHOUSE_URL: 'http://127.0.0.1:1',
    KPI_CLICKHOUSE_DATABASE: 'kpi',
    KPI_CLICKHOUSE_USER: 'default',
    KPI_CLICKHOUSE_PASSWORD: '',
  };
  const pool = createReportPool(config, createLog({ name: 'test', level: 'silent' }));
  onTestFinished(() => pool.close());
  return pool;
}

test('what went wrong in the thread is the same fault outside', async () => {
  const asked = poolWithoutHistory().report(QUESTION, new AbortController().signal);
  await expect(asked).rejects.toMatchObject({ code: 'history_unreachable', retryable: true });
});

test('whoever does not wait any longer leaves nothing behind that keeps the next one from an answer', async () => {
  const pool = poolWithoutHistory();
  const aborted = { name: 'AbortError' };
  await expect(pool.report(QUESTION, AbortSignal.abort())).rejects.toMatchObject(aborted);
  const impatient = new AbortController();
  const asked = pool.report(QUESTION, impatient.signal);
  impatient.abort();
  await expect(asked).rejects.toMatchObject(aborted);
  const next = pool.report(QUESTION, new AbortController().signal);
  await expect(next).rejects.toMatchObject({ code: 'history_unreachable' });
});
