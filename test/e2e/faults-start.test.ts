import { createScratch, startEngines } from '@kpi/engines';
import { type RedisClient, closeRedis, createRedis } from '@kpi/redis';
import { createLog } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTied } from '../support/tied-process.ts';
import { uniqueNames } from '../support/unique-names.ts';

const SERVICES = ['aggregate', 'archive', 'ingest', 'api'] as const;
const NOBODY = '127.0.0.1:1';
const END_MS_MAX = 60_000;

interface OwnRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** Own servers: the run's own is not for a test to change. */
let evicting: OwnRedis;
let replica: OwnRedis;

beforeAll(async () => {
  evicting = await startRedis((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
  // Of a master that is not there: it has the role at once, and nothing to copy.
  replica = await startRedis((client) => client.replicaof('127.0.0.1', 1));
});

afterAll(async () => {
  await evicting.close();
  await replica.close();
});

async function startRedis(spoil: (client: RedisClient) => Promise<unknown>): Promise<OwnRedis> {
  const scratch = await createScratch();
  const environment = { ...process.env, KPI_REDIS_URL: '' };
  const engines = await startEngines({ dataDir: scratch.path, environment });
  const url = engines.urls.KPI_REDIS_URL;
  const log = createLog({ name: 'test', level: 'silent' });
  const client = await createRedis({ KPI_REDIS_URL: url }, log);
  await spoil(client);
  await closeRedis(client);
  return {
    url,
    async close() {
      await engines.close();
      await scratch.remove();
    },
  };
}

interface Ended {
  /** A sentence when it never ended. */
  readonly code: number | string;
  readonly lines: readonly string[];
  /** The line that says why, at level fatal. */
  readonly fatal: readonly string[];
}

async function run(service: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const program = await startTied({
    program: `services/${service}/src/main.ts`,
    environment: { ...uniqueNames(), KPI_HTTP_PORT: '0', ...environment },
  });
  const code = await Promise.race([program.ended, overdue()]);
  await program.stop();
  const lines = program
    .output()
    .split('\n')
    .filter((line) => line !== '');
  return { code, lines, fatal: lines.filter((line) => line.includes('"level":60')) };
}

function overdue(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`no end within ${END_MS_MAX} ms`), END_MS_MAX).unref();
  });
}

test.concurrent.each(SERVICES)(
  '%s: a wrong setting is one line that names it, and code 2',
  async (service) => {
    const { code, lines } = await run(service, {
      KPI_PARTITIONS: 'many',
      KPI_CLICKHOUSE_DATABASE: 'Not A Name',
    });
    expect(lines).toEqual([expect.stringContaining('config_invalid')]);
    expect(lines[0]).toContain('KPI_PARTITIONS');
    expect(lines[0]).toContain('KPI_CLICKHOUSE_DATABASE');
    expect(code).toBe(2);
  },
);

test.concurrent.each(SERVICES)(
  '%s: without Redis it does not start, and says so',
  async (service) => {
    const { code, fatal } = await run(service, { KPI_REDIS_URL: `redis://user:secret@${NOBODY}` });
    expect(fatal).toEqual([expect.stringContaining('[store_unreachable]')]);
    expect(fatal[0]).toContain(NOBODY);
    expect(fatal[0]).not.toContain('secret');
    expect(code).toBe(1);
  },
);

test.concurrent.each(['aggregate', 'archive'])(
  '%s: without a broker it does not start, and says so',
  async (service) => {
    const { code, fatal } = await run(service, { KPI_KAFKA_BROKERS: NOBODY });
    expect(fatal).toEqual([expect.stringContaining('[broker_unreachable]')]);
    expect(code).toBe(1);
  },
);

test.concurrent.each(['aggregate', 'archive', 'ingest'])(
  '%s: a Redis that may evict is refused',
  async (service) => {
    const { code, fatal } = await run(service, { KPI_REDIS_URL: evicting.url });
    expect(fatal).toEqual([expect.stringContaining('[store_evicts]')]);
    expect(fatal[0]).toContain('allkeys-lru');
    expect(code).toBe(1);
  },
);

test.concurrent.each(['aggregate', 'archive', 'ingest'])(
  '%s: a replica of Redis is refused',
  async (service) => {
    const { code, fatal } = await run(service, { KPI_REDIS_URL: replica.url });
    expect(fatal).toEqual([expect.stringContaining('[store_unsuitable]')]);
    expect(fatal[0]).toContain('name the primary');
    expect(code).toBe(1);
  },
);
