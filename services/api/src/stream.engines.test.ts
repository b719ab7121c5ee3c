import { PART } from '@kpi/core';
import { ValueBoard, closeRedis, createRedis, type RedisClient } from '@kpi/redis';
import { createLog } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type TestApi, startTestApi } from './test-api.ts';

const DEADLINE_MS = 10_000;
const LEASE_MS = 60_000;
let api: TestApi;
let client: RedisClient;
let board: ValueBoard;

beforeAll(async () => {
  api = await startTestApi({ KPI_API_STREAMS_MAX: '4' });
  client = await createRedis(api.config, createLog({ name: 'test', level: 'silent' }));
  board = new ValueBoard({ client, prefix: api.config.KPI_REDIS_PREFIX });
});

afterAll(async () => {
  await closeRedis(client);
  await api.close();
});

function published(tenantId: string, revision: number) {
  const value = { window: { to: '2026-03-01T00:00:00.000Z' }, revision };
  const address = [tenantId, 'csat_score', '1', '', ''].join(PART);
  return { address, json: JSON.stringify(value), revision };
}

async function publish(...values: readonly ReturnType<typeof published>[]): Promise<void> {
  const lease = await board.hold('test', LEASE_MS);
  if (lease === undefined) throw new Error('another holds the lease');
  await board.publish(lease, values);
}

/** Publish, and wait until the API knows of the last one. */
async function publishAndTell(...values: readonly ReturnType<typeof published>[]): Promise<void> {
  const stream = await openStream({ 'kpi-tenant': 'acme' });
  await stream.until('event: status');
  await publish(...values);
  await stream.until(`"revision":${values.at(-1)?.revision}`);
  await stream.close();
}

/** A stream, and what it said so far. */
async function openStream(headers: Readonly<Record<string, string>> = {}, query = '') {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(`${api.service.url}/v1/stream${query}`, { headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let said = '';
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    /** Read until the text appears; returns all there was. */
    async until(text: string): Promise<string> {
      while (!said.includes(text)) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) throw new Error(`the stream ended after ${said}`);
        said += chunk.value;
      }
      return said;
    },
    close: async () => reader?.cancel(),
  };
}

/** Revisions in the values of a stream, in order. */
function revisionsIn(said: string): readonly number[] {
  return [...said.matchAll(/"revision":(\d+)/g)].map(([, revision]) => Number(revision));
}

test('values appear as they are published, of the own tenant only', async () => {
  const stream = await openStream({ 'kpi-tenant': 'acme' });
  expect(stream.contentType).toContain('text/event-stream');
  await stream.until('event: status');
  await publish(published('acme', 1), published('other', 2), published('acme', 3));
  expect(revisionsIn(await stream.until('"revision":3'))).toEqual([1, 3]);
  await stream.close();
});

test('a reader that was away gets what it missed, after the id it saw last', async () => {
  const first = await openStream({ 'kpi-tenant': 'acme' });
  await first.until('event: status');
  await publish(published('acme', 10));
  const before = await first.until('"revision":10');
  await first.close();
  const [, seen = ''] = /id: ([\d-]+)\nevent: value\ndata: .*"revision":10/.exec(before) ?? [];
  await publish(published('acme', 11), published('acme', 12));
  const second = await openStream({ 'kpi-tenant': 'acme', 'last-event-id': seen });
  expect(revisionsIn(await second.until('"revision":12'))).toEqual([11, 12]);
  await second.close();
});

test('after an id that nothing continues come all current values, then changes', async () => {
  await publishAndTell(published('other', 21), published('acme', 20));
  const headers = { 'kpi-tenant': 'acme', 'last-event-id': '1764350000000-7' };
  const stream = await openStream(headers);
  const said = await stream.until('event: ready');
  expect(said).toContain('event: reset\ndata: {"reason":"id_unknown"}');
  expect(revisionsIn(said)).toEqual([20]);
  expect(said).toMatch(/id: \d+-\d+\nevent: ready\ndata: \{"values":1\}/);
  await publish(published('acme', 22));
  expect(revisionsIn(await stream.until('"revision":22'))).toEqual([20, 22]);
  await stream.close();
});

test('a snapshot can be asked for, and only what is selected comes', async () => {
  await publishAndTell(published('acme', 30));
  const stream = await openStream({ 'kpi-tenant': 'acme' }, '?snapshot=true&window=7d');
  const said = await stream.until('event: ready');
  expect(said).toContain('"reason":"asked"');
  expect(revisionsIn(said)).toEqual([]);
  await stream.close();
  expect((await openStream({}, '?kpi=nothing')).status).toBe(404);
});

test('a board that is set back is noticed by streams that are open: they get its values anew', async () => {
  const keys = await client.keys(`${api.config.KPI_REDIS_PREFIX}:{values}:*`);
  const dumps = await Promise.all(
    keys.map(async (key) => [key, await client.dumpBuffer(key)] as const),
  );
  const stream = await openStream({ 'kpi-tenant': 'acme' });
  await stream.until('event: status');
  await publish(published('acme', 40), published('acme', 41));
  await stream.until('"revision":41');
  for (const [key, dump] of dumps) {
    if (dump !== null) await client.restore(key, 0, dump, 'REPLACE');
  }
  const said = await stream.until('event: ready');
  expect(said.slice(said.indexOf('event: reset'))).toContain('"revision":30');
  // As many as before, so that a number alone would not tell them from those that are gone.
  await publish(published('acme', 42), published('acme', 43));
  expect(revisionsIn(await stream.until('"revision":43'))).toEqual([40, 41, 30, 42, 43]);
  await stream.close();
});

test('a tenant that has its share of streams is refused, another is not', async () => {
  const headers = { 'kpi-tenant': 'acme' };
  const open = [await openStream(headers), await openStream(headers)];
  expect((await openStream(headers)).status).toBe(429);
  const other = await openStream({ 'kpi-tenant': 'other' });
  expect(other.status).toBe(200);
  for (const stream of [...open, other]) await stream.close();
  await until(async () => {
    const again = await openStream(headers);
    await again.close();
    return again.status === 200;
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  while (!(await holds())) deadline.throwIfAborted();
}
