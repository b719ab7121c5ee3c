import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { type KafkaClient, createKafka } from '@kpi/kafka';
import { createLog } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ask } from './process/readiness.ts';
import { SUPERVISOR } from './process/supervised.ts';
import { readPid } from './process/test-pid.ts';
import { type Scratch, createScratch } from './scratch.ts';
import { type PerEngine, startEngines } from './start-engines.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const START_MS_MAX = 100_000;
const END_MS_MAX = 30_000;
const TOPIC = 'kept';

let scratch: Scratch;
let dataDir: string;

beforeEach(async () => {
  scratch = await createScratch();
  dataDir = scratch.path;
});

afterEach(() => scratch.remove());

/** Everything that names the data directory on its command line, the supervisors included; zombies do not count. */
async function processes(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'stat=,command=']);
  return stdout.split('\n').filter((line) => line.includes(dataDir) && !line.startsWith('Z'));
}

async function spawnMain(): Promise<{ urls: PerEngine<string>; kill: () => Promise<void> }> {
  const envPath = join(dataDir, 'environment');
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('KPI_')),
  );
  const pidPath = join(dataDir, 'main.pid');
  const command = [process.execPath, MAIN, '--data-dir', dataDir, '--write-env', envPath];
  const main = spawn('/bin/sh', [SUPERVISOR, '5', pidPath, ...command], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const text = await vi.waitFor(() => readFile(envPath, 'utf8'), {
    timeout: START_MS_MAX,
    interval: 200,
  });
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    urls: {
      KPI_KAFKA_BROKERS: value('KPI_KAFKA_BROKERS'),
      KPI_REGISTRY_URL: value('KPI_REGISTRY_URL'),
      KPI_REDIS_URL: value('KPI_REDIS_URL'),
      KPI_CLICKHOUSE_URL: value('KPI_CLICKHOUSE_URL'),
    },
    kill: async () => {
      process.kill(await readPid(pidPath), 'SIGKILL');
      await once(main, 'exit');
    },
  };
}

function kafkaAt(urls: PerEngine<string>): KafkaClient {
  const options = { KPI_KAFKA_BROKERS: [urls.KPI_KAFKA_BROKERS], KPI_KAFKA_TLS: false };
  return createKafka(
    {
      ...options,
      KPI_KAFKA_SASL_MECHANISM: undefined,
      KPI_KAFKA_USER: undefined,
      KPI_KAFKA_PASSWORD: undefined,
    },
    createLog({ name: 'test', level: 'silent' }),
  );
}

function redis(urls: PerEngine<string>, command: string): Promise<string | undefined> {
  return ask(Number(new URL(urls.KPI_REDIS_URL).port), `${command}\r\n`);
}

async function clickhouse(urls: PerEngine<string>, statement: string): Promise<string> {
  const response = await fetch(urls.KPI_CLICKHOUSE_URL, { method: 'POST', body: statement });
  return (await response.text()).trim();
}

async function fill(urls: PerEngine<string>): Promise<void> {
  const kafka = kafkaAt(urls);
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] });
  await producer.send({ topic: TOPIC, messages: [{ value: 'one' }, { value: 'two' }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await fetch(`${urls.KPI_REGISTRY_URL}/subjects/kept/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  await redis(urls, 'SET kept yes');
  await clickhouse(urls, 'CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a');
  await clickhouse(urls, 'INSERT INTO kept VALUES (1), (2)');
}

async function content(urls: PerEngine<string>): Promise<unknown> {
  const admin = kafkaAt(urls).admin();
  await admin.connect();
  const [partition] = await admin.fetchTopicOffsets(TOPIC);
  await admin.disconnect();
  const subjects = await fetch(`${urls.KPI_REGISTRY_URL}/subjects`);
  return {
    kafka: partition?.high,
    registry: await subjects.json(),
    redis: await redis(urls, 'GET kept'),
    clickhouse: await clickhouse(urls, 'SELECT count() FROM kept'),
  };
}

test(
  'kill -9 of the parent ends every engine, and the same folder starts again with all data',
  async () => {
    const first = await spawnMain();
    await fill(first.urls);
    expect((await processes()).length).toBeGreaterThanOrEqual(8);
    await first.kill();
    await vi.waitFor(async () => expect(await processes()).toEqual([]), {
      timeout: END_MS_MAX,
      interval: 200,
    });

    const second = await startEngines({ dataDir });
    expect(await content(second.urls)).toEqual({
      kafka: '2',
      registry: ['kept'],
      redis: '$3\r\nyes\r\n',
      clickhouse: '2',
    });
    await second.close();
    await vi.waitFor(async () => expect(await processes()).toEqual([]), { timeout: END_MS_MAX });
  },
  2 * START_MS_MAX,
);

test('engines whose variables are set are used and not started', async () => {
  const environment = {
    KPI_KAFKA_BROKERS: 'kafka:9092',
    KPI_REGISTRY_URL: 'http://registry:8081',
    KPI_REDIS_URL: 'redis://redis:6379',
    KPI_CLICKHOUSE_URL: 'http://clickhouse:8123',
  };
  const engines = await startEngines({ dataDir, environment });
  expect(engines.urls).toEqual(environment);
  expect(await processes()).toEqual([]);
  await engines.close();
});

test('a second run on the same data says which process holds it', async () => {
  const others = {
    KPI_KAFKA_BROKERS: 'kafka:9092',
    KPI_REGISTRY_URL: 'http://registry:8081',
    KPI_CLICKHOUSE_URL: 'http://clickhouse:8123',
  };
  const first = await startEngines({ dataDir, environment: others });
  const pid = await readPid(join(dataDir, 'redis', 'pid'));
  await expect(startEngines({ dataDir, environment: others })).rejects.toThrow(
    `in use by process ${pid}`,
  );
  expect(await redis(first.urls, 'PING')).toBe('+PONG\r\n');
  await first.close();
});
