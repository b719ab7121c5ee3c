import { randomBytes } from 'node:crypto';

import { closeRedis, createIdentity, createRedis } from '@kpi/redis';
import { createLog, createMetrics, readConfig } from '@kpi/runtime';
import { afterEach, expect, test, vi } from 'vitest';

import { INGEST_OPTIONS } from './options.ts';
import { start } from './service.ts';
import { NOW, post, rethrow, startTestIngest, type TestIngest } from './test-ingest.ts';
import { createTestProxy, type TestProxy } from './test-proxy.ts';

const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

const EVENT = {
  event_id: 'e1',
  event_type: 'lms.course_completed',
  source: 'academy',
  account_id: 'a1',
  occurred_at: '2026-02-01T00:00:00Z',
  properties: { course_id: 'c1' },
};
const BY_USER = { ...EVENT, account_id: null, user_id: 'u1' };
const JOIN = {
  event_id: 'j1',
  event_type: 'user.joined_account',
  source: 'crm',
  account_id: 'a1',
  user_id: 'u1',
  occurred_at: '2026-01-01T00:00:00Z',
};

/** A proxy, still closed, in front of the engine whose URL is in `variable`, and the URL through it. */
async function proxyOf(variable: string): Promise<{ proxy: TestProxy; url: string }> {
  const engine = new URL(process.env[variable] ?? '');
  const proxy = await createTestProxy(engine);
  endings.push(() => proxy.cut());
  const url = new URL(engine);
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

async function startedWith(overrides: Readonly<Record<string, string>>): Promise<TestIngest> {
  const ingest = await startTestIngest(overrides);
  endings.push(() => ingest.close());
  return ingest;
}

test('a broker that is away: 503 with a time to come back, nothing accepted, nothing remembered', async () => {
  const id = `t${randomBytes(6).toString('hex')}`;
  const config = readConfig(INGEST_OPTIONS, {
    ...process.env,
    KPI_KAFKA_BROKERS: '127.0.0.1:1',
    KPI_REDIS_PREFIX: id,
    KPI_HTTP_PORT: '0',
  });
  const log = createLog({ name: 'test', level: 'silent' });
  const context = { log, metrics: createMetrics(), clock: () => NOW, onFatal: rethrow };
  const service = await start(config, context);
  endings.push(() => service.close());
  const answer = await post(service.url ?? '', [JOIN, BY_USER], {});
  expect(answer).toMatchObject({ status: 503, body: { code: 'broker_unreachable' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const malformed = await post(service.url ?? '', '{"broken', {});
  expect(malformed).toMatchObject({ status: 503, body: { code: 'broker_unreachable' } });
  expect(await service.readiness()).toMatchObject({ isReady: false });
  const redis = await createRedis(config, log);
  endings.push(() => closeRedis(redis));
  const identity = createIdentity({ client: redis, prefix: id });
  expect((await identity.timelines('default', ['u1'])).size).toBe(0);
  await redis.del(`${id}:{t:default}:salt`);
});

test('a registry that is away at the start: 503 until it is back, then 202 without a restart', async () => {
  const { proxy, url } = await proxyOf('KPI_REGISTRY_URL');
  const ingest = await startedWith({ KPI_REGISTRY_URL: url });
  const refused = await ingest.post(EVENT);
  expect(refused).toMatchObject({ status: 503, body: { code: 'registry_unreachable' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await ingest.service.readiness()).toMatchObject({ isReady: false });
  await proxy.open();
  expect(await ingest.post(EVENT)).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await ingest.service.readiness()).toEqual({ isReady: true });
  await proxy.cut();
  expect(await ingest.post({ ...EVENT, event_id: 'e2' })).toMatchObject({ status: 202 });
});

test('a Redis that is away: 503 for what needs a look-up, 202 for the rest, and all again once it is back', async () => {
  const { proxy, url } = await proxyOf('KPI_REDIS_URL');
  await proxy.open();
  const ingest = await startedWith({ KPI_REDIS_URL: url });
  expect(await ingest.post([JOIN, BY_USER])).toMatchObject({ status: 202, body: { accepted: 2 } });
  await proxy.cut();
  const refused = await ingest.post({ ...BY_USER, event_id: 'e2' });
  expect(refused).toMatchObject({ status: 503, body: { code: 'store_unreachable' } });
  expect(await ingest.post({ ...EVENT, event_id: 'e3' })).toMatchObject({ status: 202 });
  await proxy.open();
  expect(await ingest.post({ ...BY_USER, event_id: 'e4' })).toMatchObject({ status: 202 });
});

test('closing loses nothing that was accepted, and closing twice is closing once', async () => {
  const ingest = await startedWith({});
  const requests = Array.from({ length: 20 }, (_, index) =>
    ingest.post({ ...EVENT, event_id: `flight-${index}` }),
  );
  const settled = Promise.allSettled(requests);
  await requests[0];
  await Promise.all([ingest.service.close(), ingest.service.close()]);
  const answered = (await settled).flatMap((one) =>
    one.status === 'fulfilled' ? [one.value] : [],
  );
  const accepted = answered.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThan(0);
  expect(answered.every(({ status }) => status === 202 || status === 503)).toBe(true);
  await vi.waitFor(() => expect(ingest.logged.length).toBeGreaterThanOrEqual(accepted.length), {
    timeout: 20_000,
  });
});
