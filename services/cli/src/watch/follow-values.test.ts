import { type ServerResponse, createServer } from 'node:http';

import { Fault } from '@kpi/core';
import { afterEach, expect, test } from 'vitest';

import { createHttpClient } from '../client/http.ts';
import { RequestRefused } from '../client/request-refused.ts';
import { type Happening, followValues } from './follow-values.ts';

const VALUE = {
  kpi_id: 'csat_score',
  segment: {},
  window: { from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' },
  as_of: '2026-03-01T00:00:00Z',
  value: 1,
  unit: 'ratio',
  currency: null,
  numerator: 1,
  denominator: 1,
  n: 1,
  ci: null,
  status: 'ok',
  notes: [],
  immature_n: 0,
  excluded: {},
  served_from: 'live',
  sources: {},
  revision: 0,
};

/** What the server says to each connection, and what each connection said it had seen. */
interface Server {
  readonly url: string;
  readonly seen: readonly (string | undefined)[];
}

let closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers) close();
  closers = [];
});

async function serve(
  answer: (connection: number, response: ServerResponse) => void,
): Promise<Server> {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const last = request.headers['last-event-id'];
    answer(seen.push(typeof last === 'string' ? last : undefined) - 1, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

function message(id: string, value: number): string {
  return `id: ${id}\nevent: value\ndata: ${JSON.stringify({ ...VALUE, value })}\n\n`;
}

/** What happens until `enough` has, in short. */
async function follow(
  url: string,
  enough: (so: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const stop = new AbortController();
  const happened: string[] = [];
  const client = createHttpClient({ KPI_URL: url, KPI_API_KEY: undefined, KPI_TENANT: undefined });
  for await (const one of followValues({ client, query: {}, signal: stop.signal })) {
    happened.push(wordOf(one));
    if (enough(happened)) stop.abort();
  }
  return happened;
}

function wordOf(one: Happening): string {
  return one.kind === 'value' ? `value ${one.value.value}` : one.kind;
}

test('a stream that is lost is taken up where it ended', async () => {
  const server = await serve((connection, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(message(`7-${connection}`, connection));
    // The first ends in the middle of a message, as a connection that is cut does.
    if (connection === 0) response.write('id: 9-9\nevent: val', () => response.destroy());
  });
  const happened = await follow(server.url, (so) => so.includes('value 1'));
  expect(happened).toEqual(['connected', 'value 0', 'lost', 'connected', 'value 1']);
  expect(server.seen).toEqual([undefined, '7-0']);
});

test('a server that is starting again is waited for', async () => {
  const server = await serve((connection, response) => {
    if (connection === 1) {
      response.writeHead(503, { 'content-type': 'application/problem+json' });
      response.end('{"code": "store_unreachable", "detail": "away"}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (connection === 0) response.end(message('1-0', 0));
    else response.write(message('1-1', 2));
  });
  const happened = await follow(server.url, (so) => so.includes('value 2'));
  expect(happened.filter((word) => word === 'lost')).toHaveLength(2);
  expect(server.seen).toEqual([undefined, '1-0', '1-0']);
});

test('what the first connection meets is thrown: nobody is there, or the key does not allow it', async () => {
  const nobody = follow('http://127.0.0.1:9', () => true);
  await expect(nobody).rejects.toThrow(Fault);
  const server = await serve((_connection, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.end('{"code": "key_missing", "detail": "a key is needed"}');
  });
  await expect(follow(server.url, () => true)).rejects.toThrow(RequestRefused);
});
