import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { PART } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { createKafka } from '../src/connection.ts';
import { ensureTopics } from '../src/ensure-topics.ts';
import { type EventProducer, createEventProducer } from '../src/event-producer.ts';
import { topicsOf } from '../src/topics.ts';

const EXAMPLE = fileURLToPath(new URL('follow-values.ts', import.meta.url));

const name = `t${randomBytes(6).toString('hex')}`;
const brokers = process.env['KPI_KAFKA_BROKERS'] ?? '';
const log = createLog({ name: 'test', level: 'silent' });
const kafka = createKafka(
  {
    KPI_KAFKA_BROKERS: [brokers],
    KPI_KAFKA_TLS: false,
    KPI_KAFKA_SASL_MECHANISM: undefined,
    KPI_KAFKA_USER: undefined,
    KPI_KAFKA_PASSWORD: undefined,
  },
  log,
);
const topics = topicsOf({ KPI_TOPIC_PREFIX: `${name}.`, KPI_PARTITIONS: 2 });

let producer: EventProducer;

beforeEach(async () => {
  await ensureTopics(kafka, topics);
  producer = createEventProducer({ kafka, log });
});

afterEach(async () => {
  await producer.close();
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topics.declarations.map((topic) => topic.name) });
  await admin.disconnect();
});

const TEN = '2026-01-05T10:00:00.000Z';
const ELEVEN = '2026-01-05T11:00:00.000Z';

function record(said: {
  to: string;
  revision: number;
  value: number;
  group?: string;
  kpi?: string;
}) {
  const { to, revision, value, group = '', kpi = 'csat_score' } = said;
  const key = ['acme', kpi, '2419200000', group === '' ? '' : 'plan', group].join(PART);
  const json = JSON.stringify({ value, status: 'ok', window: { to }, revision });
  return { topic: topics.values, key, value: Buffer.from(json) };
}

const line = z.object({ group: z.string(), to: z.string(), revision: z.int(), value: z.number() });

/** Run the example until it has printed so many lines; answers with them. */
async function follow(lines: number): Promise<readonly z.infer<typeof line>[]> {
  const words = [
    '--brokers',
    brokers,
    '--group',
    name,
    '--topic',
    topics.values,
    '--kpi',
    'csat_score',
  ];
  const child = spawn(process.execPath, [EXAMPLE, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const printed = () => out.split('\n').slice(0, -1);
  await vi.waitFor(() => expect(printed()).toHaveLength(lines), { timeout: 40_000 });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  return printed().map((text) => line.parse(JSON.parse(text)));
}

test('the example keeps the latest value of each key, and goes on where it stopped', async () => {
  await producer.send([
    record({ to: TEN, revision: 0, value: 1 }),
    record({ to: TEN, revision: 1, value: 2 }),
    record({ to: TEN, revision: 0, value: 3 }),
    record({ to: TEN, revision: 1, value: 4 }),
    record({ to: ELEVEN, revision: 0, value: 5 }),
    record({ to: TEN, revision: 2, value: 6 }),
    record({ to: ELEVEN, revision: 0, value: 7, kpi: 'sales_growth_rate' }),
    record({ to: ELEVEN, revision: 1, value: 8 }),
  ]);
  expect((await follow(5)).map(({ value }) => value)).toEqual([1, 2, 4, 5, 8]);

  await producer.send([record({ to: ELEVEN, revision: 0, value: 9, group: 'pro' })]);
  expect(await follow(1)).toMatchObject([{ group: 'pro', to: ELEVEN, revision: 0, value: 9 }]);
});
