import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { Fault } from '@kpi/core';
import { createDeadLetterSink, deadLetterOf } from '@kpi/kafka';
import { createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { openVerification } from '@kpi/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { type KpiRun, runKpi } from '../support/run-kpi.ts';

const EVENTS = 200;
/** The part of an answer that these tests look at. */
const HEALTH = z.object({
  status: z.string(),
  problems: z.array(z.string()),
  events: z.object({ counted: z.int(), per_second: z.number() }),
  lag: z
    .object({
      aggregate: z.int(),
      archive: z.int(),
      partitions: z.array(z.unknown()),
      topics: z.array(z.object({ topic: z.string(), kept: z.int() })),
    })
    .nullable(),
  sources: z.array(z.object({ source: z.string(), last_event_at: z.string() })),
  dead_letters: z.object({
    kept: z.int().nullable(),
    by_reason: z.array(z.record(z.string(), z.unknown())),
    latest: z.array(z.record(z.string(), z.unknown())),
  }),
  verify: z.object({ against: z.string(), clean: z.boolean(), disagreements: z.int() }).nullable(),
  engines: z.array(z.object({ name: z.string(), state: z.string() })),
  processes: z.array(z.object({ service: z.string(), ready: z.boolean() })),
});

let pipeline: Pipeline;
let stage: Stage;
let api: ApiService;

beforeAll(async () => {
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
  await stage.start(['aggregate', 'archive']);
  api = await startApi(readConfig(apiOptions, stage.environment), {
    log: pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
});

afterAll(async () => {
  await api.close();
  await stage.close();
});

async function health(tenant = 'acme'): Promise<z.infer<typeof HEALTH>> {
  const headers = { 'kpi-tenant': tenant };
  return HEALTH.parse(await (await fetch(`${api.url}/v1/health`, { headers })).json());
}

/** What `kpi status` says of an API at this address. */
function kpiStatus(url: string): Promise<KpiRun> {
  return runKpi(pipeline, ['status', '--url', url, '--tenant', 'acme']);
}

test('all is well: every engine and process is named, nothing lags', async () => {
  await pipeline.publish(Array.from({ length: EVENTS }, eventSource(3)));
  await untilCaughtUp(pipeline);
  await until('the api has counted them', async () => (await health()).events.counted === EVENTS);
  await until('all have announced themselves', async () => (await health()).processes.length === 3);
  const found = await health();
  expect(found).toMatchObject({ status: 'ok', problems: [], verify: null });
  expect(found.lag).toMatchObject({ aggregate: 0, archive: 0 });
  expect(found.lag?.partitions).toHaveLength(2);
  expect(found.processes.map(({ service, ready }) => [service, ready])).toEqual([
    ['aggregate', true],
    ['api', true],
    ['archive', true],
  ]);
  expect(found.engines.map(({ name, state }) => [name, state])).toEqual([
    ['kafka', 'up'],
    ['registry', 'up'],
    ['redis', 'up'],
    ['clickhouse', 'up'],
  ]);
  expect(found.sources.length).toBeGreaterThan(0);
  expect((await health('nobody')).sources).toEqual([]);
  const kept = found.lag?.topics.reduce((sum, one) => sum + one.kept, 0);
  expect(kept).toBe(EVENTS);
});

test('kpi status says so too, and without an API what Kafka and Redis say themselves', async () => {
  const { code, output } = await kpiStatus(api.url ?? '');
  expect(output).toContain(': all is well');
  expect(output).toContain('2 partitions, none is behind.');
  expect(code).toBe(0);
  const without = await kpiStatus('http://127.0.0.1:9');
  expect(without.output).toContain('does not answer');
  expect(without.output).toMatch(/aggregate +ready/);
  expect(without.code).toBe(4);
});

test('a dead letter is counted and told by its reason, to its own tenant, without what it said', async () => {
  const sink = createDeadLetterSink(pipeline.producer, pipeline.topics.deadLetters);
  await sink.keep([
    deadLetterOf({
      fault: new Fault('event_invalid', 'ann@example.com is no score', {
        path: '/properties/score',
      }),
      origin: { kind: 'http' },
      body: Buffer.from('{"user_id":"ann@example.com"}'),
      contentType: 'application/json',
      source: 'survey',
      eventId: 'e1',
      tenantId: 'acme',
      refusedAtMs: systemClock(),
    }),
  ]);
  await until('the letter is counted and told', async () => {
    const { kept, latest } = (await health()).dead_letters;
    return kept === 1 && latest.length === 1;
  });
  const { dead_letters: letters } = await health();
  expect(letters).toMatchObject({
    kept: 1,
    by_reason: [{ reason: 'event_invalid', count: 1, sources: ['survey'] }],
    latest: [
      { reason: 'event_invalid', path: '/properties/score', source: 'survey', origin: 'http' },
    ],
  });
  expect(JSON.stringify(letters)).not.toContain('ann');
  expect((await health('other')).dead_letters).toMatchObject({ latest: [], by_reason: [] });
});

test('the last verification is told', async () => {
  const { config, log } = pipeline;
  const verification = await openVerification({ config, log, clock: systemClock });
  await verification.againstLog();
  await verification.close();
  await until('it is told', async () => (await health()).verify !== null);
  expect((await health()).verify).toMatchObject({
    against: 'log',
    clean: true,
    disagreements: 0,
  });
});

test('a worker that was stopped and an engine that is away are problems, and the answer comes all the same', async () => {
  await stage.stop('aggregate');
  await pipeline.publish(Array.from({ length: EVENTS }, eventSource(4)));
  await stage.proxies.clickhouse.cut();
  await until('both are told', async () => (await health()).problems.length >= 2);
  const { problems, lag, status } = await health();
  const { code, output } = await kpiStatus(api.url ?? '');
  await stage.proxies.clickhouse.restore();
  expect(status).toBe('degraded');
  expect(problems).toContain('ClickHouse does not answer.');
  expect(problems).toContain('No aggregate process is running.');
  expect(lag?.aggregate).toBe(EVENTS);
  for (const problem of problems) expect(output).toContain(`  ! ${problem}`);
  expect(output).toContain(`${EVENTS} events not yet live`);
  expect(code).toBe(3);
});
