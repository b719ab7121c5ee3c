import { afterEach, expect, test } from 'vitest';

import { createHttpClient } from '../client/http.ts';
import type { QueuedEvent } from './batches.ts';
import {
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { sendBatch } from './send-batch.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...answers: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const server = await startScriptedServer((request) => answers[request] ?? 'accept');
  servers.push(server);
  return server;
}

function events(count: number): readonly QueuedEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const event = { event_id: String(index) };
    return { event, json: JSON.stringify(event), file: 'a.csv', line: index + 2 };
  });
}

function send(url: string, count: number, options = {}) {
  const retries: string[] = [];
  const sent = sendBatch(events(count), {
    client: createHttpClient({ KPI_URL: url, KPI_API_KEY: 'secret', KPI_TENANT: 'acme' }),
    clock: () => performance.now(),
    random: () => 0,
    signal: new AbortController().signal,
    retryMsMax: 60_000,
    onRetry: (reason: string) => retries.push(reason),
    ...options,
  });
  return { sent, retries };
}

test('a batch is one array, sent with key and tenant', async () => {
  const server = await serve();
  const { sent } = send(`${server.url}/`, 2);
  expect(await sent).toEqual({ accepted: 2, refusals: [] });
  expect(server.bodies).toEqual([[{ event_id: '0' }, { event_id: '1' }]]);
  expect(server.headers[0]).toMatchObject({
    authorization: 'Bearer secret',
    'kpi-tenant': 'acme',
    'content-type': 'application/json',
  });
});

test('nothing is sent for no events', async () => {
  const server = await serve();
  expect(await send(server.url, 0).sent).toEqual({ accepted: 0, refusals: [] });
  expect(server.bodies).toEqual([]);
});

test('a refused event is known by its line, with the code, reason and path of ingest', async () => {
  const rejected = [{ index: 1, code: 'event_invalid', message: 'is missing', path: '/user_id' }];
  const server = await serve({ status: 202, body: { accepted: 1, rejected } });
  expect((await send(server.url, 2).sent).refusals).toEqual([
    {
      file: 'a.csv',
      line: 3,
      code: 'event_invalid',
      reason: 'is missing',
      path: '/user_id',
      event: { event_id: '1' },
    },
  ]);
});

test.each<[string, ScriptedAnswer]>([
  ['503', { status: 503, headers: { 'retry-after': '0' } }],
  ['429', { status: 429, headers: { 'retry-after': '0' } }],
  ['a connection that breaks', 'hang up'],
])('after %s the same batch is sent again', async (_, answer) => {
  const server = await serve(answer);
  const { sent, retries } = send(server.url, 1);
  expect(await sent).toEqual({ accepted: 1, refusals: [] });
  expect(server.bodies).toHaveLength(2);
  expect(retries).toHaveLength(1);
});

test('it does not wait when Retry-After lies beyond the time it has', async () => {
  const server = await serve({ status: 503, headers: { 'retry-after': '50' } });
  const { sent, retries } = send(server.url, 1, { retryMsMax: 40_000 });
  await expect(sent).rejects.toMatchObject({ code: 'service_unreachable' });
  expect(retries).toEqual([]);
});

test('it gives up when the time is up', async () => {
  const server = await serve({ status: 503, body: { code: 'broker_unreachable', detail: 'away' } });
  await expect(send(server.url, 1, { retryMsMax: 0 }).sent).rejects.toMatchObject({
    code: 'service_unreachable',
    detail: 'ingest says [broker_unreachable] away',
  });
});

test('an aborted signal ends the waiting', async () => {
  const server = await serve({ status: 503, headers: { 'retry-after': '50' } });
  const stop = new AbortController();
  const { sent } = send(server.url, 1, { signal: stop.signal, onRetry: () => stop.abort() });
  await expect(sent).rejects.toThrow('stopped');
});

test('a batch that is too large is sent in halves, and a single event that is too large is refused', async () => {
  const tooLarge = { status: 413, body: { code: 'body_too_large', detail: 'x' } };
  const server = await serve(tooLarge, tooLarge, 'accept', tooLarge);
  const { sent } = send(server.url, 3);
  expect(await sent).toMatchObject({
    accepted: 2,
    refusals: [{ line: 3, code: 'body_too_large', reason: 'the event is too large' }],
  });
  expect(server.bodies.map((body) => (Array.isArray(body) ? body.length : 0))).toEqual([
    3, 2, 1, 1, 1,
  ]);
});

test.each([
  [401, { code: 'key_missing', detail: 'a valid API key is needed' }, '[key_missing]'],
  [400, { code: 'body_invalid', detail: 'no' }, '[body_invalid] no'],
  [404, 'nothing here', '[http_404] the answer is not from a KPI Stream service'],
  [202, { hello: 'world' }, '[answer_unknown]'],
])('an answer %s %j is not tried again', async (status, body, message) => {
  const server = await serve({ status, body });
  await expect(send(server.url, 1).sent).rejects.toThrow(message);
  expect(server.bodies).toHaveLength(1);
});

test('an answer that leaves events out stops the import', async () => {
  const server = await serve({ status: 202, body: { accepted: 1, rejected: [] } });
  await expect(send(server.url, 2).sent).rejects.toThrow('ingest answered for 1 of 2 events');
});
