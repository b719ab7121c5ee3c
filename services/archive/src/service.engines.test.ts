import { randomBytes } from 'node:crypto';

import { createHistory } from '@kpi/clickhouse';
import {
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
import { eventually, stretchOf } from './test-archive.ts';

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

test('events among poison arrive once, also over a restart', async () => {
  const encoder = createEventEncoder(await registerSchemas(new SchemaRegistry(config), topics));
  const events = stretchOf('x', 0, 120).rows.map(({ event, offset }) => ({
    ...event,
    account_id: `a${offset % 7}`,
  }));
  const records = events.flatMap((event) =>
    recordKeys(event).map((key) => ({
      topic: topics.of(event.event_type),
      key,
      value: encoder.encode(event),
    })),
  );
  const [product = ''] = topics.input;
  const truncated = records[0]?.value.subarray(0, 20) ?? Buffer.alloc(0);
  const poison = [
    Buffer.from('no event'),
    Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
    truncated,
  ].map((value, index) => ({ topic: product, key: `poison-${index}`, value }));
  const fatal: unknown[] = [];
  const run = () =>
    start(config, {
      log,
      metrics: createMetrics(),
      clock: systemClock,
      onFatal: (error) => fatal.push(error),
    });
  const archived = async (count: number): Promise<void> =>
    eventually(`${count} archived`, async () => {
      if (fatal.length > 0) throw fatal[0];
      return sum((await archivedOffsets(redis, config)).values()) === count;
    });

  let service = await run();
  try {
    await producer.send([...records.slice(0, 60), ...poison]);
    await archived(63);
    expect(await rowsAndEvents()).toEqual([60, 60]);
    expect(sum((await archiveRefusals(redis, config)).values())).toBe(3);
    expect(await service.readiness()).toEqual({ isReady: true });
    await service.close();

    await producer.send([...records.slice(60), ...records.slice(0, 10)]);
    service = await run();
    await archived(133);
    expect(await rowsAndEvents()).toEqual([130, 120]);
  } finally {
    await service.close();
  }
});
