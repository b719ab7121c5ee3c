import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createKafka, topicsOf } from '@kpi/kafka';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { readOffsets } from '../log-offsets.ts';
import { runTestCli } from '../test-cli.ts';

const INGEST = fileURLToPath(new URL('../../../ingest/src/main.ts', import.meta.url));
const MAPPING = fileURLToPath(new URL('../../mappings/oulad.yaml', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../fixtures/oulad', import.meta.url));
const SAMPLE_EVENTS = 119;

const ID = `t${randomBytes(6).toString('hex')}`;
const environment = {
  ...process.env,
  KPI_TOPIC_PREFIX: `${ID}.`,
  KPI_REDIS_PREFIX: ID,
  KPI_PARTITIONS: '2',
};
const config = readConfig(z.object(ENGINE_OPTIONS), environment);
const topics = topicsOf(config);
const kafka = createKafka(config, createLog({ name: 'test', level: 'silent' }));

let ingest: ChildProcess;
let url = '';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-cli-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  ingest = spawn(process.execPath, [INGEST], {
    env: { ...environment, KPI_HTTP_PORT: String(port) },
    stdio: 'ignore',
  });
  await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).ok).toBe(true), {
    timeout: 60_000,
  });
});

afterAll(async () => {
  const closed = new Promise((resolve) => ingest.once('close', resolve));
  ingest.kill('SIGTERM');
  await closed;
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topics.declarations.map(({ name }) => name) });
  await admin.disconnect();
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}

function run(...words: readonly string[]) {
  const settings = { ...environment, KPI_URL: url, KPI_DATA_DIR: join(folder, 'data') };
  return runTestCli(['import', ...words, '--json'], { environment: settings });
}

async function recordsIn(topic: string): Promise<number> {
  const offsets = await readOffsets(kafka, [topic]);
  return (offsets.get(topic) ?? []).reduce((sum, { first, next }) => sum + next - first, 0);
}

test('every event that a rehearsal counts is accepted, and is in the log, as often as it is sent', async () => {
  for (const times of [1, 2]) {
    const { code, out } = await run(SAMPLE, '--mapping', MAPPING);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ events_accepted: SAMPLE_EVENTS, events_refused: 0 });
    expect(await recordsIn(topics.of('lms.course_completed'))).toBe(times * SAMPLE_EVENTS);
  }
});

test('a refused event is named by its line and kept as a dead letter; the others are in', async () => {
  const event = {
    event_id: 'e1',
    event_type: 'user.identified',
    source: 'crm',
    occurred_at: '2026-01-01T00:00:00Z',
    user_id: 'u1',
    properties: {},
  };
  const path = join(folder, 'people.ndjson');
  const lines = [event, { ...event, event_id: 'e2', event_type: 'user.sneezed' }, 'nonsense'];
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { code, out } = await run(path);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({
    events_accepted: 1,
    events_refused: 1,
    rows_refused: 1,
    rejects: [
      { line: 3, reason: 'is JSON but not an object' },
      { line: 2, code: 'event_type_unknown', path: '/event_type' },
    ],
  });
  expect(await recordsIn(topics.of('user.identified'))).toBe(1);
  expect(await recordsIn(topics.deadLetters)).toBe(1);
});
