import { Fault } from '@kpi/core';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { type HttpOptions, type HttpServer, createHttp, listen } from './http.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { PROBLEM_MEDIA_TYPE, httpStatusOf } from './problem.ts';
import type { Readiness, Service } from './service.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

async function server(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  const log = createLog({ name: 'test', level: 'silent' });
  const http = await createHttp({ log, metrics: createMetrics(), ...options });
  onTestFinished(async () => {
    await http.close();
  });
  return http;
}

function service(name: string, readiness: () => Promise<Readiness>): Service {
  return { name, readiness, close: async () => undefined };
}

test('a fault becomes a problem document with its code, and the request keeps its id', async () => {
  const http = await server();
  http.get('/x', async () => {
    throw new Fault('kpi_unknown', 'no KPI is called x', { path: '/params/id' });
  });
  const answer = await http.inject({
    url: '/x?secret=1',
    headers: { 'x-request-id': 'call-7' },
  });
  expect(answer.statusCode).toBe(404);
  expect(answer.headers['content-type']).toContain(PROBLEM_MEDIA_TYPE);
  expect(answer.headers['x-request-id']).toBe('call-7');
  expect(answer.json()).toEqual({
    type: 'urn:kpi-stream:problem:kpi_unknown',
    title: 'Not Found',
    status: 404,
    code: 'kpi_unknown',
    detail: 'no KPI is called x',
    instance: '/x',
    request_id: 'call-7',
    errors: [{ path: '/params/id', message: 'no KPI is called x' }],
  });
});

test('a request id that could forge a log line is replaced', async () => {
  const http = await server();
  const answer = await http.inject({ url: '/healthz', headers: { 'x-request-id': 'a b"c' } });
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('every wrong parameter is named', async () => {
  const http = await server();
  const querystring = z.object({ points: z.coerce.number().int().max(10), from: z.iso.datetime() });
  http.get('/x', { schema: { querystring } }, async ({ query }) => query.points);
  const answer = await http.inject('/x?points=11&from=yesterday');
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({
    code: 'parameter_invalid',
    errors: [{ path: '/query/points' }, { path: '/query/from' }],
  });
});

test('an unknown route is not_found and an unreadable or oversized body is refused', async () => {
  const http = await server({ bodyBytesMax: 20 });
  http.post('/x', async () => 'ok');
  const headers = { 'content-type': 'application/json' };
  const unknown = await http.inject('/nowhere');
  const unreadable = await http.inject({ method: 'POST', url: '/x', headers, payload: '{"a":' });
  const oversized = await http.inject({
    method: 'POST',
    url: '/x',
    headers,
    payload: JSON.stringify('x'.repeat(20)),
  });
  const foreign = await http.inject({
    method: 'POST',
    url: '/x',
    headers: { 'content-type': 'text/csv' },
    payload: 'a',
  });
  const seen = [unknown, unreadable, oversized, foreign].map((answer) => [
    answer.statusCode,
    answer.json<{ code: string }>().code,
  ]);
  expect(seen).toEqual([
    [404, 'not_found'],
    [400, 'body_invalid'],
    [413, 'body_too_large'],
    [415, 'media_type_unsupported'],
  ]);
});

test('a bug and an engine that is away say nothing internal', async () => {
  const http = await server();
  http.get('/bug', async () => {
    throw new TypeError('password hunter2 at 10.0.0.7');
  });
  http.get('/away', async () => {
    throw new Fault('store_unreachable', 'connect ECONNREFUSED 10.0.0.7');
  });
  const bug = await http.inject('/bug');
  const away = await http.inject('/away');
  expect(bug.statusCode).toBe(500);
  expect(bug.json()).toMatchObject({ code: 'internal_error' });
  expect(away.statusCode).toBe(503);
  expect(away.headers['retry-after']).toBe('5');
  expect(away.json()).toMatchObject({ code: 'store_unreachable' });
  expect(`${bug.body}${away.body}`).not.toMatch(/hunter2|10\.0\.0\.7/);
});

test('a fault that no client causes is a 500', () => {
  expect(httpStatusOf('offset_lost')).toBe(500);
  expect(httpStatusOf('batch_too_large')).toBe(413);
});

test('readiness asks every service and says why one is not ready', async () => {
  const ready = service('archive', async () => ({ isReady: true }));
  const stuck = service('aggregate', async () => ({
    isReady: false,
    reason: 'lag 9, no progress',
  }));
  const broken = service('api', async () => {
    throw new Fault('store_unreachable', 'no connection');
  });
  const http = await server({ services: () => [ready, stuck, broken] });
  const answer = await http.inject('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({
    status: 'unready',
    services: [
      { name: 'archive', ready: true },
      { name: 'aggregate', ready: false, reason: 'lag 9, no progress' },
      { name: 'api', ready: false, reason: 'no connection' },
    ],
  });
});

test('the reference holds the routes of every service that registered on the server', async () => {
  const http = await server();
  await http.register(async (scope) => {
    scope.get('/v1/first', async () => 1);
  });
  await http.register(async (scope) => {
    scope.post('/v1/second', async () => 2);
  });
  const reference = await http.inject('/openapi.json');
  expect(Object.keys(reference.json<{ paths: object }>().paths)).toEqual(
    expect.arrayContaining(['/v1/first', '/v1/second', '/healthz', '/readyz', '/metrics']),
  );
  expect((await http.inject('/docs')).statusCode).toBe(200);
});

test('requests are measured by route, not by address', async () => {
  const http = await server();
  http.get('/v1/kpis/:id', async () => 'x');
  await http.inject('/v1/kpis/a-very-private-id');
  const metrics = await http.inject('/metrics');
  expect(metrics.body).toContain('route="/v1/kpis/:id",status="200"');
  expect(metrics.body).not.toContain('a-very-private-id');
});

test('a port that is taken is one clear fault', async () => {
  const first = await server();
  const url = new URL(await listen(first, LOOPBACK));
  const second = await server();
  await expect(listen(second, { ...LOOPBACK, port: Number(url.port) })).rejects.toMatchObject({
    code: 'port_taken',
    detail: expect.stringContaining(url.port),
  });
});

test('close ends streams that listen to it and idle connections', async () => {
  const http = await server();
  http.get('/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.write('first');
    http.closing.addEventListener('abort', () => reply.raw.end('last'));
  });
  const url = await listen(http, LOOPBACK);
  const response = await fetch(`${url}/stream`);
  const body = response.text();
  await http.close();
  expect(await body).toBe('firstlast');
});
