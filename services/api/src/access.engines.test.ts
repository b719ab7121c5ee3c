import { createHttp, readConfig } from '@kpi/runtime';
import { expect, onTestFinished, test } from 'vitest';

import { apiOptions } from './options.ts';
import { start } from './start.ts';
import { type TestApi, startTestApi, testContext } from './test-api.ts';

async function apiWith(overrides: Readonly<Record<string, string>>): Promise<TestApi> {
  const api = await startTestApi(overrides);
  onTestFinished(() => api.close());
  return api;
}

function bearer(secret: string) {
  return { authorization: `Bearer ${secret}` };
}

test('where keys are required, only one with the scope read may read, and only its own tenant', async () => {
  const api = await apiWith({ KPI_REQUIRE_KEYS: 'true' });
  const key = (scope: 'read' | 'ingest') =>
    api.keys.create({ tenantId: 'acme', scopes: [scope], label: 'test' });
  const [reader, writer] = await Promise.all([key('read'), key('ingest')]);
  const path = '/v1/kpis/csat_score';
  expect(await api.get(path)).toMatchObject({ status: 401, body: { code: 'key_missing' } });
  expect(await api.get('/v1/status')).toMatchObject({ status: 401 });
  expect(await api.get('/v1/kpis')).toMatchObject({ status: 401 });
  expect(await api.get(path, bearer(writer.secret))).toMatchObject({
    status: 403,
    body: { code: 'key_forbidden' },
  });
  expect(await api.get(path, bearer(reader.secret))).toMatchObject({ status: 200 });
  expect((await api.get('/healthz')).status).toBe(200);
});

test('on a given server without keys, a name that is not of this machine is refused', async () => {
  const context = testContext();
  const http = await createHttp(context);
  const service = await start(readConfig(apiOptions, process.env), context, http);
  onTestFinished(async () => {
    await http.close();
    await service.close();
  });
  const as = (host: string) => http.inject({ url: '/v1/kpis', headers: { host } });
  expect(service.url).toBeNull();
  expect((await as('localhost:8080')).statusCode).toBe(200);
  expect((await as('rebound.example')).statusCode).toBe(401);
});

test('a caller that asks too often is told when to come back', async () => {
  const api = await apiWith({ KPI_API_REQUESTS_PER_MINUTE: '2' });
  await api.get('/v1/kpis');
  await api.get('/v1/kpis');
  const refused = await api.get('/v1/kpis');
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api.get('/healthz')).status).toBe(200);
});

test('while the history store is away, live values answer and the history says so', async () => {
  const api = await apiWith({ KPI_CLICKHOUSE_URL: 'http://127.0.0.1:1' });
  expect(await api.get('/v1/kpis/csat_score')).toMatchObject({ status: 200 });
  const refused = await api.get('/v1/kpis/csat_score/history');
  expect(refused).toMatchObject({ status: 503, body: { code: 'history_unreachable' } });
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(JSON.stringify(refused.body)).not.toContain('127.0.0.1:1');
});

test('a live store that is away at the start is one clear fault', async () => {
  const config = readConfig(apiOptions, { ...process.env, KPI_REDIS_URL: 'redis://127.0.0.1:1' });
  await expect(start(config, testContext())).rejects.toMatchObject({ code: 'store_unreachable' });
});
