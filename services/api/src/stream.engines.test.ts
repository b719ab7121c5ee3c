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
  api = await startTestApi();
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
  return { address, json: JSON.stringify(value) };
}

async function publish(...values: readonly ReturnType<typeof published>[]): Promise<void> {
  const epoch = await board.hold('test', LEASE_MS);
  if (epoch === undefined) throw new Error('another holds the lease');
  await board.publish(epoch, values);
}

/** A stream, and what it said so far. */
async function openStream(headers: Readonly<Record<string, string>> = {}) {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(`${api.service.url}/v1/stream`, { headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let said = '';
  return {
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

test('values appear as they are published, of the own tenant only', async () => {
  const stream = await openStream({ 'kpi-tenant': 'acme' });
  expect(stream.contentType).toContain('text/event-stream');
  await stream.until(': ');
  await publish(published('acme', 1), published('other', 2), published('acme', 3));
  const said = await stream.until('"revision":3');
  expect(said).toContain('"revision":1');
  expect(said).not.toContain('"revision":2');
  await stream.close();
});

test('a reader that was away gets what it missed, after the id it saw last', async () => {
  await publish(published('acme', 10));
  const first = await openStream({ 'kpi-tenant': 'acme', 'last-event-id': '0' });
  const before = await first.until('"revision":10');
  await first.close();
  const [, seen = ''] = /id: (\d+)\nevent: value\ndata: .*"revision":10/.exec(before) ?? [];
  await publish(published('acme', 11), published('acme', 12));
  const second = await openStream({ 'kpi-tenant': 'acme', 'last-event-id': seen });
  const said = await second.until('"revision":12');
  expect(said).toContain('"revision":11');
  expect(said).not.toContain('"revision":10');
  await second.close();
});

test('an id that was given out by a store that is no more does not silence the stream', async () => {
  const stream = await openStream({ 'kpi-tenant': 'acme', 'last-event-id': '999999999' });
  await stream.until(': ');
  await publish(published('acme', 20));
  await expect(stream.until('"revision":20')).resolves.toContain('event: value');
  await stream.close();
});
