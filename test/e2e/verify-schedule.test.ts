import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { type Metrics, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { createPipeline, until } from '../support/pipeline.ts';

/** Two api processes of one installation, and what each reports. */
interface Process {
  readonly api: ApiService;
  readonly metrics: Metrics;
}

/** Every value of a tenant is asked of history, on a machine that may be busy. */
const VERIFY_MS_MAX = 240_000;

let stage: Stage;
let processes: Process[];

beforeEach(async () => {
  stage = await createStage(await createPipeline(1));
  processes = [];
});

afterEach(async () => {
  for (const { api } of processes) await api.close();
  await stage.close();
});

async function startProcess(intervalMs: number): Promise<Process> {
  const metrics = createMetrics();
  const environment = { ...stage.environment, KPI_VERIFY_INTERVAL_MS: String(intervalMs) };
  const api = await startApi(readConfig(apiOptions, environment), {
    log: stage.pipeline.log,
    metrics,
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
  const started = { api, metrics };
  processes.push(started);
  return started;
}

/** A metric of a process; undefined while it has no value. */
async function read({ metrics }: Process, name: string): Promise<number | undefined> {
  const found = await metrics.getSingleMetric(`kpi_api_verify_${name}`)?.get();
  return found?.values[0]?.value;
}

/** One step of the live store is off by one. */
async function plantStep(): Promise<void> {
  const { redis, config } = stage.pipeline;
  const deltas = `${config.KPI_REDIS_PREFIX}:{p0}:deltas`;
  const fields = await redis.hkeys(deltas);
  const boundary = (field: string): number =>
    Number.parseInt(field.slice(field.indexOf(':') + 1), 36);
  const [earliest = ''] = fields.toSorted((a, b) => boundary(a) - boundary(b));
  await redis.hincrby(deltas, earliest, 1);
}

test('one of two processes verifies, and both report the planted difference that it finds', async () => {
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '50' });
  await stage.pipeline.publish(Array.from({ length: 200 }, eventSource(29)));
  await untilCaughtUp(stage.pipeline);
  await plantStep();
  const both = [await startProcess(500), await startProcess(500)] as const;
  for (const one of both)
    await until(
      'the difference is reported',
      async () => ((await read(one, 'differences')) ?? 0) > 0,
      VERIFY_MS_MAX,
    );
  const found = await Promise.all(both.map((one) => read(one, 'took_seconds')));
  expect(found[0]).toBeGreaterThan(0);
  expect(found[1]).toBe(found[0]);
  expect(stage.failures).toEqual([]);
});
