import { randomBytes } from 'node:crypto';

import { createHistory } from '@kpi/clickhouse';
import {
  type OutgoingRecord,
  SchemaRegistry,
  createEventEncoder,
  createEventProducer,
  createKafka,
  ensureTopics,
  recordKeys,
  registerSchemas,
  topicsOf,
} from '@kpi/kafka';
import { archiveRefusals, archivedOffsets, closeRedis, createRedis } from '@kpi/redis';
import { createLog, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { archiveOptions } from './options.ts';
import { start } from './start.ts';
import { eventually, actionOn } from './test-archive.ts';

const PARTITIONS = 2;
const name = `t${randomBytes(6).toString('hex')}`;
const config = readConfig(archiveOptions, {
  ...process.env,
  KPI_TOPIC_PREFIX: `${name}.`,
  KPI_REDIS_PREFIX: name,
  KPI_CLICKHOUSE_DATABASE: name,
  KPI_PARTITIONS: String(PARTITIONS),
  KPI_ARCHIVE_WAIT_MS: '50',
});
const log = createLog({ name: 'test', level: 'silent' });
const topics = topicsOf(config);
const kafka = createKafka(config, log);
const producer = createEventProducer({ kafka, log });
const history = createHistory(config, log);
const redis = await createRedis(config, log);

beforeAll(async () => {
  await ensureTopics(kafka, topics);
  await history.migrate();
});

afterAll(async () => {
  await producer.close();
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topics.declarations.map((topic) => topic.name) });
  await admin.disconnect();
  await history.drop();
  await history.close();
  await Promise.all([0, 1].map((partition) => redis.del(`${name}:{a${partition}}:archive`)));
  await closeRedis(redis);
});

const sum = (counts: Iterable<number>): number => [...counts].reduce((all, one) => all + one, 0);

async function rowsAndEvents(): Promise<readonly [number, number]> {
  const counts = await history.partitionCounts();
  return [sum(counts.map(({ rows }) => rows)), sum(counts.map(({ events }) => events))];
}

/** Records of different events of seven accounts. */
async function recordsOf(source: string, count: number): Promise<readonly OutgoingRecord[]> {
  const encoder = createEventEncoder(await registerSchemas(new SchemaRegistry(config), topics));
  const events = Array.from({ length: count }, (_, offset) => ({
    ...actionOn(source, offset),
    account_id: `a${offset % 7}`,
  }));
  return events.flatMap((event) =>
    recordKeys(event).map((key) => ({
      topic: topics.of(event.event_type),
      key,
      value: encoder.encode(event),
    })),
  );
}

/** A service that counts its rows in metrics of its own. */
async function run(fatal: unknown[], own = config) {
  const metrics = createMetrics();
  const service = await start(own, {
    log,
    metrics,
    clock: systemClock,
    onFatal: (error) => fatal.push(error),
  });
  const rows = async (): Promise<number> => {
    const found = await metrics.getSingleMetric('kpi_archive_rows_total')?.get();
    return sum((found?.values ?? []).map(({ value }) => value));
  };
  const kept = async (): Promise<number> => {
    const found = await metrics.getSingleMetric('kpi_archive_keep_seconds')?.get();
    const counts = (found?.values ?? []).filter(
      (value) => 'metricName' in value && value.metricName === 'kpi_archive_keep_seconds_count',
    );
    return sum(counts.map(({ value }) => value));
  };
  return { service, rows, kept };
}

async function archived(count: number, fatal: readonly unknown[]): Promise<void> {
  await eventually(`${count} archived`, async () => {
    if (fatal.length > 0) throw fatal[0];
    return sum((await archivedOffsets(redis, config)).values()) === count;
  });
}

test('events among poison arrive once, also over a restart', async () => {
  const records = await recordsOf('x', 120);
  const [product = ''] = topics.input;
  const truncated = records[0]?.value?.subarray(0, 20) ?? Buffer.alloc(0);
  const poison = [
    Buffer.from('no event'),
    Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
    truncated,
  ].map((value, index) => ({ topic: product, key: `poison-${index}`, value }));
  const fatal: unknown[] = [];
  let { service } = await run(fatal);
  try {
    await producer.send([...records.slice(0, 60), ...poison]);
    await archived(63, fatal);
    expect(await rowsAndEvents()).toEqual([60, 60]);
    expect(sum((await archiveRefusals(redis, config)).values())).toBe(3);
    expect(await service.readiness()).toEqual({ isReady: true });
    await service.close();

    await producer.send([...records.slice(60), ...records.slice(0, 10)]);
    ({ service } = await run(fatal));
    await archived(133, fatal);
    expect(await rowsAndEvents()).toEqual([130, 120]);
  } finally {
    await service.close();
  }
});

test('two archives share the partitions, and one takes over what the other leaves', async () => {
  const offsetsBefore = sum((await archivedOffsets(redis, config)).values());
  const [rowsBefore] = await rowsAndEvents();
  const fatal: unknown[] = [];
  const [first, second] = await Promise.all([run(fatal), run(fatal)]);
  const open = new Set([first, second]);
  let sent = 0;
  const send = async (count: number): Promise<void> => {
    await producer.send(await recordsOf(`shared-${sent}`, count));
    sent += count;
  };
  try {
    await eventually('both archive', async () => {
      await send(20);
      await archived(offsetsBefore + sent, fatal);
      return (await first.rows()) > 0 && (await second.rows()) > 0;
    });
    // Some of these are read by the one that leaves.
    await Promise.all([first.service.close(), send(200)]);
    open.delete(first);
    await archived(offsetsBefore + sent, fatal);
  } finally {
    await Promise.all([...open].map(({ service }) => service.close()));
  }
  expect((await first.rows()) + (await second.rows())).toBe(sent);
  expect((await rowsAndEvents())[0] - rowsBefore).toBe(sent);
});

test('units of KPIs are kept by one of two archives once records have arrived', async () => {
  const fatal: unknown[] = [];
  const eager = { ...config, KPI_ARCHIVE_KEEP_SECONDS: 1 };
  const archives = await Promise.all([run(fatal, eager), run(fatal, eager)]);
  const kept = (): Promise<readonly number[]> =>
    Promise.all(archives.map((archive) => archive.kept()));
  try {
    await eventually('units are kept', async () => sum(await kept()) > 0);
  } finally {
    await Promise.all(archives.map(({ service }) => service.close()));
  }
  expect(new Set(await kept())).toEqual(new Set([0, 1]));
});
