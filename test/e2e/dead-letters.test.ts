import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DAY_MS, DEFAULT_DEFINITIONS, type KpiQuery, days } from '@kpi/core';
import { type DeadLetter, createDeadLetterSink } from '@kpi/kafka';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { audit, untilCaughtUp } from '../faults/audit.ts';
import { followDeadLetters } from '../faults/dead-letters.ts';
import { startForgetfulRegistry } from '../faults/forgetful-registry.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

const CLI = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
const INGEST = fileURLToPath(new URL('../../services/ingest/src/main.ts', import.meta.url));

let pipeline: Pipeline;
let stage: Stage;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-letters-'));
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
});

afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `kpi dead-letters …` as a process of its own. */
async function letters(url: string, ...words: readonly string[]): Promise<Run> {
  const environment = {
    ...pipeline.environment,
    KPI_URL: url,
    KPI_TENANT: 'acme',
    KPI_DATA_DIR: folder,
  };
  const child = spawn(process.execPath, [CLI, 'dead-letters', ...words], { env: environment });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const listed = z.object({
  total: z.int(),
  letters: z.array(z.looseObject({ id: z.string(), reason: z.string(), attempts: z.int() })),
});

async function list(url: string) {
  const { code, out, err } = await letters(url, 'list', '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return listed.parse(JSON.parse(out));
}

async function post(url: string, events: readonly unknown[]): Promise<void> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'kpi-tenant': 'acme' },
    body: JSON.stringify(events),
  });
  expect(response.status).toBe(202);
}

/** An answer of 5 of 5 by a person; one week old. */
function answer(person: string, properties: object = { score: 5 }) {
  return {
    event_id: `answer-${person}`,
    event_type: 'survey.response_submitted',
    source: 'survey',
    account_id: 'a1',
    user_id: person,
    occurred_at: new Date(Date.now() - 7 * DAY_MS).toISOString(),
    properties: {
      survey_id: 's1',
      instance_id: person,
      question_id: 'q1',
      kind: 'csat',
      scale_min: 1,
      scale_max: 5,
      direction: 'higher_is_better',
      context: 'general',
      ...properties,
    },
  };
}

/** Answers that count, in the live store and in history. */
async function counted(): Promise<{ readonly live: number; readonly history: number }> {
  await untilCaughtUp(pipeline);
  const view = pipeline.view();
  await view.reload();
  const query: KpiQuery = {
    tenantId: 'acme',
    kpiId: 'csat_score',
    windowMs: days(28),
    asOf: [Math.ceil(Date.now() / 3_600_000) * 3_600_000],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
  const number = (rows: ReturnType<typeof view.read>): number =>
    Number(
      Object.entries(rows[0]?.components ?? {}).find(([name]) => name === 'responses')?.[1] ?? 0n,
    );
  return { live: number(view.read(query)), history: number(await stage.history.read(query)) };
}

const MAPPING = `
version: 1
source: survey
inputs:
  - file: letters.ndjson
    events:
      - type: survey.response_submitted
        id: '{event_id}'
        occurred_at: '{occurred_at}'
        account_id: '{account_id}'
        user_id: '{user_id}'
        properties:
          survey_id: '{properties.survey_id}'
          instance_id: '{properties.instance_id}'
          question_id: '{properties.question_id}'
          kind: '{properties.kind}'
          context: '{properties.context}'
          score: { number: '{properties.stars}' }
          scale_min: '{properties.scale_min}'
          scale_max: '{properties.scale_max}'
          direction: '{properties.direction}'
`;

test('the life of a poison event: refused, listed, mapping fixed, replayed, counted once', async () => {
  await stage.start(['ingest', 'aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '100' });
  const { url } = stage;
  await post(url, [answer('ann'), answer('poison@example.org', { stars: '4' }), answer('bob')]);
  expect(await counted()).toEqual({ live: 2, history: 2 });

  const found = await list(url);
  expect(found).toMatchObject({ total: 1, letters: [{ reason: 'event_invalid', attempts: 0 }] });
  const id = found.letters[0]?.id ?? '';
  const table = await letters(url, 'list');
  expect(table.out).toContain(id);
  expect(table.out).not.toContain('poison');
  const shown = await letters(url, 'show', id);
  expect(shown.out).toContain('hint      correct it: replay with --set properties.score=VALUE');
  expect(shown.out).toContain('poison@example.org');
  const letter = await currentLetter(id);

  // As it is it is refused again, and that is loud.
  const again = await letters(url, 'replay', id);
  expect(again).toMatchObject({
    code: 3,
    out: expect.stringContaining(`REFUSED AGAIN ${id}: event_invalid`),
  });
  expect(await list(url)).toMatchObject({ letters: [{ id, attempts: 1 }] });

  const mapping = join(folder, 'fixed.yaml');
  await writeFile(mapping, MAPPING);
  expect(await letters(url, 'replay', '--source', 'survey', '--map', mapping)).toMatchObject({
    code: 0,
    out: '1 letter replayed, 1 event.\n',
  });
  expect((await list(url)).total).toBe(0);
  expect(await counted()).toEqual({ live: 3, history: 3 });

  // Had it died between publishing and removing the letter, the letter would still be there.
  await createDeadLetterSink(pipeline.producer, pipeline.topics.deadLetters).keep([letter]);
  expect(await letters(url, 'replay', id, '--map', mapping)).toMatchObject({ code: 0 });
  expect(await counted()).toEqual({ live: 3, history: 3 });
  expect(await audit(stage)).toMatchObject({
    records: 4,
    rows: 4,
    distinctRows: 3,
    log: { disagreements: [] },
  });
  expect(await letters(url, 'replay', id)).toMatchObject({
    code: 3,
    out: expect.stringContaining('MISSING'),
  });
  expect(stage.failures).toEqual([]);
});

async function currentLetter(id: string): Promise<DeadLetter> {
  const reader = await followDeadLetters(pipeline);
  await until('the letter is there', () => reader.letters.has(id));
  const letter = reader.letters.get(id);
  await reader.close();
  if (letter === undefined) throw new Error('there is no such letter');
  return letter;
}

test('a record whose schema the registry learns later is replayed as its producer wrote it', async () => {
  const completed = event('lms.course_completed', {
    event_id: 'late-schema',
    occurred_at: Date.now() - DAY_MS,
    account_id: 'a1',
    user_id: 'u1',
  });
  const bytes = pipeline.encoder.encode(completed);
  const schemaId = await register({
    ...(await schemaOf(bytes.readUInt32BE(1))),
    doc: 'of another producer',
  });
  bytes.writeUInt32BE(schemaId, 1);
  const registry = await startForgetfulRegistry(pipeline.config.KPI_REGISTRY_URL, schemaId);
  onTestFinished(() => registry.close());
  const settings = { KPI_ARCHIVE_WAIT_MS: '100', KPI_REGISTRY_URL: registry.url };
  await stage.start(['ingest', 'aggregate', 'archive'], settings);
  const topic = pipeline.topics.of('lms.course_completed');
  await pipeline.producer.send([{ topic, key: 'acme\u001fa1', value: bytes }]);
  await untilCaughtUp(pipeline);
  const { letters: found } = await list(stage.url);
  expect(found).toMatchObject([
    { reason: 'schema_unknown', origin: { kind: 'topic', topic, offset: 0 } },
  ]);

  registry.learn();
  // A consumer remembers an unknown id for a while; a new one asks.
  for (const name of ['aggregate', 'archive'] as const) {
    await stage.stop(name);
    await stage.start([name], settings);
  }
  await until(
    'the id is asked for again',
    async () => (await letters(stage.url, 'replay', '--all')).code === 0,
  );
  const counts = await audit(stage);
  expect(counts).toMatchObject({ records: 2, rows: 1, refused: 1, refusedLive: 1, eventsLive: 1 });
  expect((await list(stage.url)).total).toBe(0);
  expect(stage.failures).toEqual([]);
});

async function schemaOf(id: number): Promise<object> {
  const response = await fetch(`${pipeline.config.KPI_REGISTRY_URL}/schemas/ids/${id}`);
  const { schema } = z.object({ schema: z.string() }).parse(await response.json());
  return z.looseObject({}).parse(JSON.parse(schema));
}

/** Registers a schema under a subject of this test; answers with its id. */
async function register(schema: object): Promise<number> {
  const subject = `${pipeline.config.KPI_TOPIC_PREFIX}other`;
  const response = await fetch(`${pipeline.config.KPI_REGISTRY_URL}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
  return z.object({ id: z.int() }).parse(await response.json()).id;
}

test('a replay of many letters that is killed again and again counts each once', async () => {
  const PEOPLE = 240;
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '100' });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let ingest = await startIngest(port);
  const people = Array.from({ length: PEOPLE }, (_, number) => answer(`p${number}`, {}));
  await post(url, people);
  expect((await list(url)).total).toBe(PEOPLE);

  let kills = 0;
  for (let left = PEOPLE; left > 0; left = (await list(url)).total) {
    const replay = letters(url, 'replay', '--all', '--set', 'properties.score=5');
    if (kills < 3) {
      const goal = Math.floor((PEOPLE * (kills + 1)) / 6);
      await until('some went through', async () => (await records()) >= goal);
      ingest.kill('SIGKILL');
      kills += 1;
      expect((await replay).code).toBe(4);
      ingest = await startIngest(port);
    } else {
      expect(await replay).toMatchObject({ code: 0 });
    }
  }
  expect(await counted()).toEqual({ live: PEOPLE, history: PEOPLE });
  expect(await audit(stage)).toMatchObject({ distinctRows: PEOPLE, log: { disagreements: [] } });
  expect(kills).toBe(3);
  await stop(ingest);
  expect(stage.failures).toEqual([]);
});

async function records(): Promise<number> {
  const admin = pipeline.kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(pipeline.topics.of('survey.response_submitted'));
  await admin.disconnect();
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

async function startIngest(port: number): Promise<ChildProcess> {
  const environment = { ...pipeline.environment, KPI_HTTP_PORT: String(port) };
  const child = spawn(process.execPath, [INGEST], { env: environment, stdio: 'ignore' });
  await until('ingest answers', () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
