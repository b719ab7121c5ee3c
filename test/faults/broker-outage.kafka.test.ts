import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEngines, type RunningEngines } from '@kpi/engines';
import {
  consumePartitions,
  createEventProducer,
  createKafka,
  ensureTopics,
  topicsOf,
  type OutgoingRecord,
} from '@kpi/kafka';
import { createLog, ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const PARTITIONS = 2;
const DEADLINE_MS = 60_000;
/** Calls that must fail before the broker comes back: longer than the client repeats anything by itself. */
const FAILED_CALLS = 4;

const log = createLog({ name: 'test', level: 'silent' });
let dataDir: string;
let engines: RunningEngines;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kpi-outage-'));
  engines = await startBroker(0);
});

afterAll(async () => {
  await engines.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** A broker of the test's own; the other engines are those of the run. */
function startBroker(port: number): Promise<RunningEngines> {
  const environment = { ...process.env, KPI_KAFKA_BROKERS: '' };
  return startEngines({ dataDir, environment, ports: { KPI_KAFKA_BROKERS: port } });
}

async function eventually(holds: () => boolean): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error('never came true');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As a client does that was answered 503. */
async function untilTaken(send: () => Promise<void>): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

test('while the broker is away senders are told so soon, afterwards everything goes on, and stopping needs no broker', async () => {
  const brokers = engines.urls.KPI_KAFKA_BROKERS;
  const environment = { KPI_KAFKA_BROKERS: brokers, KPI_PARTITIONS: String(PARTITIONS) };
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const kafka = createKafka(config, log);
  const topics = topicsOf(config);
  await ensureTopics(kafka, topics);

  const fatal: unknown[] = [];
  const applied = new Set<string>();
  const positions = new Map<number, Map<string, number>>();
  const producer = createEventProducer({ kafka, log, deadlineMs: 4_000 });
  const consumer = await consumePartitions({
    kafka,
    groupId: 'outage',
    topics: topics.input,
    log,
    clock: () => Date.now(),
    onFatal: (error) => fatal.push(error),
    open: (partition) =>
      Promise.resolve({
        positions: new Map(positions.get(partition)),
        apply: (batch) => {
          const reached = positions.get(partition) ?? new Map<string, number>();
          positions.set(partition, reached.set(batch.topic, batch.nextOffset));
          for (const { value } of batch.records) applied.add(String(value));
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      }),
  });
  const records = (name: string): readonly OutgoingRecord[] =>
    Array.from({ length: 100 }, (_, index) => ({
      topic: topics.input[index % topics.input.length] ?? '',
      key: `key-${index}`,
      value: Buffer.from(`${name}-${index}`),
    }));

  await producer.send(records('before'));
  await eventually(() => applied.size === 100);

  await engines.close();
  for (let call = 0; call < FAILED_CALLS; call += 1) {
    const started = performance.now();
    await expect(producer.send(records(`lost-${call}`))).rejects.toMatchObject({
      code: 'broker_unreachable',
      retryable: true,
    });
    expect(performance.now() - started).toBeLessThan(6_000);
  }

  engines = await startBroker(Number(brokers.split(':')[1]));
  await untilTaken(() => producer.send(records('after')));
  await eventually(() => records('after').every(({ value }) => applied.has(String(value))));
  expect(fatal).toEqual([]);

  await engines.close();
  const stopped = performance.now();
  await Promise.all([consumer.close(), producer.close()]);
  expect(performance.now() - stopped).toBeLessThan(15_000);
}, 180_000);
