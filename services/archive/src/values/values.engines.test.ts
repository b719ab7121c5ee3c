import { randomBytes } from 'node:crypto';

import { type History, createHistory } from '@kpi/clickhouse';
import { DAY_MS, PART } from '@kpi/core';
import {
  type EventProducer,
  type KafkaClient,
  type Topics,
  createEventProducer,
  createKafka,
  ensureTopics,
  topicsOf,
} from '@kpi/kafka';
import { createLog, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type ArchiveConfig, archiveOptions } from '../options.ts';
import { startValues } from './start-values.ts';

const log = createLog({ name: 'test', level: 'silent' });

let config: ArchiveConfig;
let topics: Topics;
let kafka: KafkaClient;
let history: History;
let producer: EventProducer;

beforeEach(async () => {
  const name = `t${randomBytes(6).toString('hex')}`;
  config = readConfig(archiveOptions, {
    ...process.env,
    KPI_TOPIC_PREFIX: `${name}.`,
    KPI_CLICKHOUSE_DATABASE: name,
    KPI_PARTITIONS: '2',
    KPI_ARCHIVE_VALUES_WAIT_MS: '50',
  });
  topics = topicsOf(config);
  kafka = createKafka(config, log);
  history = createHistory(config, log);
  producer = createEventProducer({ kafka, log });
  await ensureTopics(kafka, topics);
  await history.migrate();
});

afterEach(async () => {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topics.declarations.map((topic) => topic.name) });
  await admin.disconnect();
  await history.drop();
  await history.close();
  await producer.close();
});

function start() {
  const metrics = createMetrics();
  const fatal: unknown[] = [];
  const onFatal = (error: unknown): void => void fatal.push(error);
  const context = { log, metrics, clock: systemClock, onFatal };
  return startValues(config, context, { kafka, topic: topics.values }).then((service) => ({
    service,
    fatal,
    metric: async (metric: string) =>
      (await metrics.getSingleMetric(metric)?.get())?.values[0]?.value,
  }));
}

/** A published value of a KPI that the number tells apart. */
function record(number: number, revision = 0) {
  const to = '2026-01-05T10:00:00.000Z';
  const value = {
    kpi_id: 'csat_score',
    definition_version: 1,
    segment: {},
    window: { kind: 'rolling', from: '2026-01-01T00:00:00.000Z', to, resolution_ms: 3_600_000 },
    as_of: to,
    watermark: null,
    value: number,
    unit: 'ratio',
    currency: null,
    numerator: 1,
    denominator: 2,
    n: 2,
    ci: null,
    status: 'ok',
    notes: [],
    immature_n: 0,
    excluded: {},
    served_from: 'live',
    sources: {},
    revision,
    computed_at: to,
  };
  const key = ['acme', 'csat_score', String(DAY_MS), 'plan', `p${number}`].join(PART);
  return { topic: topics.values, key, value: Buffer.from(JSON.stringify(value)) };
}

async function rows(): Promise<readonly string[]> {
  const body = `SELECT dimension_value, value, revision FROM ${config.KPI_CLICKHOUSE_DATABASE}.kpi_values ORDER BY value, revision FORMAT CSV`;
  const response = await fetch(config.KPI_CLICKHOUSE_URL, { method: 'POST', body });
  return (await response.text()).split('\n').filter((line) => line !== '');
}

test('every value is kept once, through restarts and among records that are none', async () => {
  const first = await start();
  await producer.send([record(1), record(2), { ...record(3), value: Buffer.from('{}') }]);
  await vi.waitFor(async () => expect(await rows()).toEqual(['"p1",1,0', '"p2",2,0']), 20_000);
  await producer.send([record(1, 1), { ...record(4), value: null }]);
  await vi.waitFor(async () => expect(await rows()).toHaveLength(3), 20_000);
  expect(await first.service.readiness()).toEqual({ isReady: true });
  await first.service.close();
  expect(await first.metric('kpi_archive_values_total')).toBe(3);
  expect(await first.metric('kpi_archive_values_strange_total')).toBe(2);

  await producer.send([record(5)]);
  const second = await start();
  await vi.waitFor(async () => expect(await rows()).toHaveLength(4), 20_000);
  await second.service.close();
  expect(await rows()).toEqual(['"p1",1,0', '"p1",1,1', '"p2",2,0', '"p5",5,0']);
  expect(await second.metric('kpi_archive_values_total')).toBe(1);
  expect([...first.fatal, ...second.fatal]).toEqual([]);
});

test('values that the log lost while nobody read are passed over, and it goes on', async () => {
  const first = await start();
  await producer.send([record(1), record(2), record(3), record(4)]);
  await vi.waitFor(async () => expect(await rows()).toHaveLength(4), 20_000);
  await first.service.close();
  await producer.send([record(1, 1), record(2, 1), record(3, 1), record(4, 1)]);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topics.values);
  await admin.deleteTopicRecords({
    topic: topics.values,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
  });
  await admin.disconnect();
  const second = await start();
  await producer.send([record(1, 2), record(2, 2), record(3, 2), record(4, 2)]);
  await vi.waitFor(async () => expect(await rows()).toHaveLength(8), 20_000);
  await second.service.close();
  expect((await rows()).filter((row) => row.endsWith(',1'))).toEqual([]);
  expect(second.fatal).toEqual([]);
});
