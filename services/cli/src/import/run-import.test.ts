import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { createHttpClient } from '../client/http.ts';
import { runTestCli } from '../test-cli.ts';
import {
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';

/** A day before the clock of {@link runTestCli}. */
const DAY_BEFORE_MS = Date.parse('2026-01-30T00:00:00Z');

let folder = '';
let server: ScriptedServer;
let answer: (request: number) => ScriptedAnswer = () => 'accept';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-cli-'));
  answer = () => 'accept';
  server = await startScriptedServer((request) => answer(request));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Run `kpi import` in this process, with one event a request and one request at a time. */
async function importEvents(
  count: number,
  extra: readonly string[] = [],
  stop = new AbortController(),
) {
  const path = join(folder, 'events.ndjson');
  await writeFile(
    path,
    Array.from({ length: count }, (_, id) => `{"event_id":"${id}"}\n`).join(''),
  );
  const words = ['import', path, '--batch', '1', '--concurrency', '1', '--json', ...extra];
  const environment = { KPI_URL: server.url, KPI_DATA_DIR: join(folder, 'data') };
  return runTestCli(words, { environment, signal: stop.signal });
}

const sentEvents = z.array(z.array(z.object({ event_id: z.string() })));

function sentIds() {
  return sentEvents.parse(server.bodies).flatMap((body) => body.map(({ event_id: id }) => id));
}

async function stateFiles() {
  return readdir(join(folder, 'data', 'imports')).catch(() => []);
}

test('a complete import leaves no state behind, and sends everything again the next time', async () => {
  expect(await importEvents(3)).toMatchObject({ code: 0 });
  expect(await stateFiles()).toEqual([]);
  expect(await importEvents(3)).toMatchObject({ code: 0 });
  expect(sentIds()).toEqual(['0', '1', '2', '0', '1', '2']);
});

test('Ctrl-C finishes what was sent, and the same command continues there', async () => {
  const stop = new AbortController();
  answer = (request) => {
    if (request === 1) stop.abort();
    return 'accept';
  };
  const stopped = await importEvents(4, [], stop);
  expect(stopped.code).toBe(130);
  expect(stopped.err).toContain('the same command continues there');
  expect(await stateFiles()).toHaveLength(1);
  const done = sentIds().length;
  const continued = await importEvents(4);
  expect(continued.code).toBe(0);
  expect(continued.err).toContain('of an earlier run; --no-resume begins at the start');
  expect(JSON.parse(continued.out)).toMatchObject({
    rows: 4,
    events_accepted: 4,
    rows_resumed: done,
  });
  expect(sentIds()).toEqual(['0', '1', '2', '3']);
});

test('an import that fails continues after the last row that was answered for', async () => {
  answer = (request) =>
    request === 2 ? { status: 400, body: { code: 'body_invalid', detail: 'no' } } : 'accept';
  const failed = await importEvents(4);
  expect(failed).toMatchObject({ code: 2, out: '' });
  expect(failed.err).toContain('2 rows done');
  expect(failed.err).toContain('kpi: [body_invalid] no');
  expect(await importEvents(4)).toMatchObject({ code: 0 });
  expect(sentIds()).toEqual(['0', '1', '2', '2', '3']);
});

test('--no-resume begins at the start', async () => {
  answer = (request) => (request === 1 ? { status: 400 } : 'accept');
  await importEvents(2);
  await importEvents(2, ['--no-resume']);
  expect(sentIds()).toEqual(['0', '1', '0', '1']);
});

test('a changed file is another import', async () => {
  answer = (request) => (request === 1 ? { status: 400 } : 'accept');
  await importEvents(2);
  await importEvents(3);
  expect(sentIds()).toEqual(['0', '1', '0', '1', '2']);
});

test('a run is continued for a day; later the server may be another', async () => {
  answer = (request) => (request === 1 ? { status: 400 } : 'accept');
  await importEvents(2);
  const [name = ''] = await stateFiles();
  const path = join(folder, 'data', 'imports', name);
  const state: unknown = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(Object.assign({}, state, { saved_at: DAY_BEFORE_MS })));
  expect((await importEvents(2)).err).not.toContain('continuing');
  expect(sentIds()).toEqual(['0', '1', '0', '1']);
});

test('a state file that cannot be read is as good as none', async () => {
  answer = (request) => (request === 1 ? { status: 400 } : 'accept');
  await importEvents(2);
  const [name = ''] = await stateFiles();
  await writeFile(join(folder, 'data', 'imports', name), '{"version":1');
  expect(await importEvents(2)).toMatchObject({ code: 0 });
  expect(sentIds()).toEqual(['0', '1', '0', '1']);
});

test('refused events end the import with 3 and are all in the file of rejects, across runs', async () => {
  const path = join(folder, 'rejects.ndjson');
  const rejected = [{ index: 0, code: 'event_invalid', message: 'is missing', path: '/source' }];
  const refused = { status: 202, body: { accepted: 0, rejected } };
  answer = (request) => [refused, { status: 400 }, refused][request] ?? 'accept';
  expect(await importEvents(3, ['--rejects', path])).toMatchObject({ code: 2 });
  const { code, out } = await importEvents(3, ['--rejects', path]);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({
    events_accepted: 1,
    events_refused: 2,
    refusal_reasons: { 'event_invalid: is missing': 2 },
  });
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ line: 1 }, { line: 2 }]);
});

test('a wrong address fails at once', async () => {
  const { url } = server;
  await server.close();
  const { code, err } = await importEvents(1);
  expect(code).toBe(4);
  expect(err).toContain(`kpi: [service_unreachable] ${url} does not answer`);
  server = await startScriptedServer(() => 'accept');
});

test('a folder for state that cannot be made is said', async () => {
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'data', 'imports'), '');
  const { code, err } = await importEvents(1);
  expect(code).toBe(1);
  expect(err).toContain('EEXIST');
});

test('the client reads how long to wait', async () => {
  const other = await startScriptedServer(() => ({ status: 503, headers: { 'retry-after': '7' } }));
  const client = createHttpClient({ KPI_URL: other.url });
  const received = await client.send({ method: 'POST', path: '/v1/events', body: '[]' });
  expect(received).toMatchObject({ status: 503, retryAfterS: 7 });
  await other.close();
});
