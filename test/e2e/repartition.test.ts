import { aggregateOptions, start as startAggregate } from '@kpi/aggregate';
import {
  DeadLetterBox,
  SchemaRegistry,
  createEventEncoder,
  recordKeys,
  registerSchemas,
  topicsOf,
} from '@kpi/kafka';
import { LiveView } from '@kpi/redis';
import { ENGINE_OPTIONS, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { openVerification } from '@kpi/verify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { logEnds, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { answersFrom, countedAnswers } from '../support/answers.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { type KpiRun, runKpi } from '../support/run-kpi.ts';

const BEFORE = 2;
const AFTER = 3;
const QUICK = { KPI_ARCHIVE_WAIT_MS: '100' };
const EXIT_INCOMPLETE = 3;
const DROP_MS_MAX = 30_000;

let pipeline: Pipeline;
let stage: Stage;
/** What the command says the services must be given. */
let changed: Readonly<Record<string, string>>;

beforeEach(async () => {
  pipeline = await createPipeline(BEFORE);
  stage = await createStage(pipeline);
  const { KPI_TOPIC_PREFIX, KPI_CLICKHOUSE_DATABASE } = pipeline.config;
  changed = {
    KPI_TOPIC_PREFIX: `${KPI_TOPIC_PREFIX}p${AFTER}.`,
    KPI_PARTITIONS: String(AFTER),
    KPI_CLICKHOUSE_DATABASE: `${KPI_CLICKHOUSE_DATABASE}_p${AFTER}`,
  };
});

afterEach(async () => {
  await stage.close();
  await fetch(pipeline.config.KPI_CLICKHOUSE_URL, {
    method: 'POST',
    body: `DROP DATABASE IF EXISTS ${changed['KPI_CLICKHOUSE_DATABASE']} SYNC`,
    signal: AbortSignal.timeout(DROP_MS_MAX),
  });
});

function repartition(): Promise<KpiRun> {
  return runKpi(pipeline, ['topics', 'repartition', '--partitions', String(AFTER)]);
}

function answers(count: number) {
  return answersFrom(0, count, 'watched');
}

/** The installation with its new settings, as a service reads them. */
function changedConfig() {
  return readConfig(z.object(ENGINE_OPTIONS), { ...pipeline.environment, ...changed });
}

async function openView(): Promise<LiveView> {
  const { redis, config, log } = pipeline;
  const view = new LiveView({
    client: redis,
    prefix: config.KPI_REDIS_PREFIX,
    partitions: AFTER,
    log,
    clock: systemClock,
  });
  await view.reload();
  return view;
}

async function counted(): Promise<number> {
  return countedAnswers(await openView(), 'watched');
}

/** Write an event as a producer with the new settings does. */
async function publishAnew(count: number): Promise<void> {
  const config = changedConfig();
  const topics = topicsOf(config);
  const encoder = createEventEncoder(await registerSchemas(new SchemaRegistry(config), topics));
  await pipeline.producer.send(
    answers(count).flatMap((one) =>
      recordKeys(one).map((key) => ({
        topic: topics.of(one.event_type),
        key,
        value: encoder.encode(one),
      })),
    ),
  );
}

async function letterIds(topic: string): Promise<readonly string[]> {
  const { kafka, log } = pipeline;
  const groupPrefix = pipeline.config.KPI_TOPIC_PREFIX;
  const box = new DeadLetterBox({ kafka, topic, groupPrefix, log, clock: systemClock });
  const { held } = await box.read();
  await box.close();
  return [...held.keys()].toSorted();
}

/** Why aggregate ends with these settings. */
async function refusalOfAggregate(settings: Readonly<Record<string, string>>): Promise<unknown> {
  let failure: unknown;
  const config = readConfig(aggregateOptions, { ...stage.environment, ...settings });
  const service = await startAggregate(config, {
    log: pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => {
      failure = error;
    },
  });
  await until('aggregate gives up', () => failure !== undefined);
  await service.close();
  return failure;
}

test('the same events in more partitions: copied while all runs, rebuilt, verified, and counted once', async () => {
  await stage.start(['aggregate', 'archive'], QUICK);
  await pipeline.producer.send([
    {
      topic: pipeline.topics.of('lms.course_started'),
      key: 'acme\u001fa1',
      value: Buffer.from('?'),
    },
  ]);
  await pipeline.publish(Array.from({ length: 400 }, eventSource(1)));
  await pipeline.publish(answers(30));
  await untilCaughtUp(pipeline);
  const early = await repartition();
  expect(early.output).toContain('still running: aggregate, archive');
  expect(early.code).toBe(EXIT_INCOMPLETE);
  await pipeline.publish(answers(50));
  await untilCaughtUp(pipeline);
  await stage.stop('aggregate');
  await stage.stop('archive');
  const late = await repartition();
  expect(late.output).toContain('50 records copied, 1 dead letter kept.');
  for (const [name, value] of Object.entries(changed))
    expect(late.output).toContain(`${name}=${value}`);
  expect(late.code).toBe(0);
  // Again changes nothing.
  expect((await repartition()).output).toContain('0 records copied');

  const config = changedConfig();
  const records = [...(await logEnds(pipeline)).values()].reduce((sum, end) => sum + end, 0);
  const copies = await logEnds({ ...pipeline, topics: topicsOf(config) });
  // All but the record that was refused.
  expect([...copies.values()].reduce((sum, end) => sum + end, 0)).toBe(records - 1);
  expect(await letterIds(topicsOf(config).deadLetters)).toEqual(
    await letterIds(pipeline.topics.deadLetters),
  );

  expect(await refusalOfAggregate(changed)).toMatchObject({ code: 'topic_mismatch' });
  // Activity that was taken back is read again from history.
  await stage.start(['archive'], { ...QUICK, ...changed });
  const rebuilt = await runKpi(pipeline, ['rebuild'], changed);
  expect(rebuilt.code, rebuilt.output).toBe(0);
  expect(await counted()).toBe(50);
  expect(await refusalOfAggregate({})).toMatchObject({ code: 'topic_mismatch' });

  await stage.start(['aggregate'], { ...QUICK, ...changed });
  await publishAnew(60);
  await until('ten more are counted', async () => (await counted()) === 60);
  const verification = await openVerification({ config, log: pipeline.log, clock: systemClock });
  const report = await verification.againstHistory();
  await verification.close();
  expect(report.disagreements).toEqual([]);
  expect(report.isClean).toBe(true);
  expect(new Set(report.partitions.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  expect(stage.failures).toEqual([]);
});
