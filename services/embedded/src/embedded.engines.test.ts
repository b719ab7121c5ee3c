import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { startDemo } from './demo.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
import { SILENT_REPORTER } from './reporter.ts';

const VISIBLE = { timeout: 45_000, interval: 100 };

let folder = '';
let started: Embedded[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-embedded-'));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((one) => one.close()));
  await rm(folder, { recursive: true });
});

/** An installation of its own on the engines of the test run. */
function options(): EmbeddedOptions {
  const id = `t${randomBytes(6).toString('hex')}`;
  const names = {
    KPI_TOPIC_PREFIX: `${id}.`,
    KPI_REDIS_PREFIX: id,
    KPI_CLICKHOUSE_DATABASE: id,
    KPI_PARTITIONS: '2',
  };
  return { dataDir: folder, environment: { ...process.env, ...names, KPI_HTTP_PORT: '0' } };
}

async function begin(settings: EmbeddedOptions): Promise<Embedded> {
  const embedded = await startEmbedded(settings);
  started.push(embedded);
  return embedded;
}

async function answerOf(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), ...init });
  return response.json();
}

function satisfaction(embedded: Embedded): Promise<unknown> {
  return answerOf(`${embedded.url}/v1/kpis/csat_score`);
}

/** An answer to the general survey, given an hour ago. */
function surveyAnswer(number: number): unknown {
  return {
    event_id: `answer-${number}`,
    event_type: 'survey.response_submitted',
    source: 'test',
    occurred_at: new Date(Date.now() - 3_600_000).toISOString(),
    account_id: 'acme',
    user_id: `user-${number}`,
    properties: {
      survey_id: 's',
      instance_id: `i-${number}`,
      question_id: 'q',
      kind: 'csat',
      score: 5,
      scale_min: 1,
      scale_max: 5,
      direction: 'higher_is_better',
    },
  };
}

function post(embedded: Embedded, events: readonly unknown[]): Promise<unknown> {
  return answerOf(`${embedded.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
}

test('one port takes events, answers with values and says when all services are ready', async () => {
  const embedded = await begin(options());
  await expect
    .poll(() => answerOf(`${embedded.url}/readyz`), VISIBLE)
    .toMatchObject({
      status: 'ready',
      services: expect.arrayContaining(
        ['aggregate', 'archive', 'api', 'ingest'].map((name) => ({ name, ready: true })),
      ),
    });
  expect(await post(embedded, [surveyAnswer(1)])).toMatchObject({ accepted: 1, rejected: [] });
  await expect.poll(() => satisfaction(embedded), VISIBLE).toMatchObject({ numerator: 1 });
});

test('history answers what the live store does', async () => {
  const embedded = await begin(options());
  await post(embedded, [surveyAnswer(1), surveyAnswer(2)]);
  const from = new Date(Date.now() - 60_000).toISOString();
  const to = new Date(Date.now() + 60_000).toISOString();
  const path = `/v1/kpis/csat_score/history?from=${from}&to=${to}&interval=1m`;
  await expect
    .poll(() => answerOf(`${embedded.url}${path}`), VISIBLE)
    .toMatchObject({ points: expect.arrayContaining([expect.objectContaining({ numerator: 2 })]) });
});

test('a second start goes on where the first ended', async () => {
  const settings = options();
  const first = await begin(settings);
  await post(first, [surveyAnswer(1), surveyAnswer(2)]);
  await first.close();
  const second = await begin(settings);
  await expect.poll(() => satisfaction(second), VISIBLE).toMatchObject({ numerator: 2 });
});

test('a file of definitions is in force at the first start, and what it says anew at the next', async () => {
  const path = join(folder, 'definitions.yaml');
  const settings = options();
  const given = { ...settings, environment: { ...settings.environment, KPI_DEFINITIONS: path } };
  await writeFile(path, 'low_n: few');
  await expect(startEmbedded(given)).rejects.toMatchObject({ code: 'definitions_invalid' });
  await writeFile(path, 'low_n: 3');
  const first = await begin(given);
  await post(first, [surveyAnswer(1), surveyAnswer(2)]);
  await expect
    .poll(() => satisfaction(first), VISIBLE)
    .toMatchObject({ numerator: 2, definition_version: 2, status: 'low_n' });
  await first.close();
  await writeFile(path, 'low_n: 2');
  const second = await begin(given);
  await expect
    .poll(() => satisfaction(second), VISIBLE)
    .toMatchObject({ numerator: 2, definition_version: 3, status: 'ok' });
});

test('a data folder is used by one program at a time', async () => {
  const settings = options();
  await begin(settings);
  await expect(startEmbedded(settings)).rejects.toMatchObject({ code: 'data_in_use' });
});

test('a taken port stops the start before anything else, and the folder is free again', async () => {
  const settings = options();
  const first = await begin(settings);
  const { port } = new URL(first.url);
  const dataDir = join(folder, 'other');
  const environment = { ...settings.environment, KPI_HTTP_PORT: port };
  const refused = startEmbedded({ dataDir, environment });
  await expect(refused).rejects.toMatchObject({ code: 'port_taken' });
  const second = await begin({ ...options(), dataDir });
  expect(second.url).not.toBe(first.url);
});

test('while it runs the addresses of its engines lie in a file', async () => {
  const embedded = await begin(options());
  const text = await readFile(join(folder, 'engines.env'), 'utf8');
  expect(text).toContain(`KPI_REDIS_URL=${embedded.environment['KPI_REDIS_URL']}\n`);
  await embedded.close();
  await expect(readFile(join(folder, 'engines.env'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the demo company arrives whole, and a second start does not tell it again', async () => {
  const settings = options();
  const embedded = await begin({
    ...settings,
    environment: { ...settings.environment, KPI_DEMO_DAYS: '60' },
  });
  const demo = { dataDir: folder, reporter: SILENT_REPORTER };
  const { events, refused } = await startDemo(embedded, demo).then(({ loaded }) => loaded);
  expect(events).toBeGreaterThan(1_000);
  expect(refused).toBe(0);
  await embedded.close();
  const second = await begin(settings);
  expect(await startDemo(second, demo).then(({ loaded }) => loaded)).toMatchObject({ events: 0 });
});
