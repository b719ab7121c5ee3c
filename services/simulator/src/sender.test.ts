import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';

import { createLog } from '@kpi/runtime';
import { afterEach, expect, test } from 'vitest';

import type { CanonicalEvent } from './canonical-event.ts';
import { type Send, createSender } from './sender.ts';

const EVENT: CanonicalEvent = {
  event_id: 'e1',
  event_type: 'account.created',
  source: 'app',
  occurred_at: '2026-06-01T00:00:00.000Z',
  account_id: 'acc-1',
  properties: {},
};
const SILENT = createLog({ name: 'test', level: 'silent' });

interface Scripted {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

let server: Server | undefined;
afterEach(() => server?.close());

/** Answers one after the other; the last one for ever. */
async function answering(script: readonly Scripted[]): Promise<{
  readonly url: string;
  readonly requests: IncomingMessage[];
}> {
  const requests: IncomingMessage[] = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const answer = script[Math.min(requests.length, script.length - 1)];
    requests.push(request);
    request.resume();
    response
      .writeHead(answer?.status ?? 500, answer?.headers)
      .end(JSON.stringify(answer?.body ?? {}));
  });
  const listening = server;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const address = listening.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, requests };
}

function sender(url: string, signal: AbortSignal = new AbortController().signal): Send {
  return createSender({ url, tenant: 'acme', key: 'secret', log: SILENT, signal });
}

const TAKEN: Scripted = { status: 202, body: { accepted: 1, rejected: [] } };
const BUSY: Scripted = { status: 503, headers: { 'retry-after': '0' } };

test('a batch names its tenant and key', async () => {
  const { url, requests } = await answering([TAKEN]);
  expect(await sender(url)([EVENT])).toEqual({ accepted: 1, refused: 0 });
  expect(requests[0]?.url).toBe('/v1/events');
  expect(requests[0]?.headers).toMatchObject({
    'kpi-tenant': 'acme',
    authorization: 'Bearer secret',
  });
});

test('a batch is sent again for as long as the answer is later', async () => {
  const { url, requests } = await answering([BUSY, BUSY, TAKEN]);
  expect(await sender(url)([EVENT])).toEqual({ accepted: 1, refused: 0 });
  expect(requests).toHaveLength(3);
});

test('refused events are counted and not sent again', async () => {
  const rejected = [{ index: 0, code: 'event_invalid', message: 'is missing' }];
  const { url, requests } = await answering([{ status: 202, body: { accepted: 0, rejected } }]);
  expect(await sender(url)([EVENT])).toEqual({ accepted: 0, refused: 1 });
  expect(requests).toHaveLength(1);
});

test('a request that is refused as a whole is a fault', async () => {
  const { url } = await answering([{ status: 401, body: { code: 'key_missing' } }]);
  await expect(sender(url)([EVENT])).rejects.toMatchObject({ code: 'config_invalid' });
});

test('waiting ends when the demo stops', async () => {
  const { url, requests } = await answering([{ status: 503, headers: { 'retry-after': '3600' } }]);
  const stopping = new AbortController();
  const sending = sender(url, stopping.signal)([EVENT]);
  const seen = expect.poll(() => requests.length).toBe(1);
  await seen;
  stopping.abort();
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
});
