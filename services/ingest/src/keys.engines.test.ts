import { type ApiKeys, createApiKeys, type KeyScope } from '@kpi/redis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { startTestIngest, type TestIngest } from './test-ingest.ts';

const EVENTS_PER_S_MAX = 100;

let ingest: TestIngest;
let keys: ApiKeys;

beforeAll(async () => {
  ingest = await startTestIngest({
    KPI_REQUIRE_KEYS: 'true',
    KPI_INGEST_EVENTS_PER_S_MAX: String(EVENTS_PER_S_MAX),
  });
  keys = createApiKeys({
    client: ingest.redis,
    prefix: ingest.config.KPI_REDIS_PREFIX,
    areRequired: true,
    clock: () => ingest.time.now,
  });
});

afterAll(async () => {
  await ingest.close();
});

async function secretFor(...scopes: readonly KeyScope[]): Promise<string> {
  return (await keys.create({ tenantId: 'acme', scopes, label: 'test' })).secret;
}

function bearer(secret: string) {
  return { authorization: `Bearer ${secret}` };
}

function completed(eventId: string, fields: object = {}) {
  return {
    event_id: eventId,
    event_type: 'lms.course_completed',
    source: 'academy',
    account_id: 'a1',
    occurred_at: '2026-02-01T00:00:00Z',
    properties: { course_id: 'c1' },
    ...fields,
  };
}

test('without a key nothing is accepted, and the answer says what is missing', async () => {
  const answer = await ingest.post(completed('e1'));
  expect(answer).toMatchObject({ status: 401, body: { code: 'key_missing' } });
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('a key that may only read is refused', async () => {
  const answer = await ingest.post(completed('e1'), bearer(await secretFor('read')));
  expect(answer).toMatchObject({ status: 403, body: { code: 'key_forbidden' } });
});

test('the tenant is that of the key, whatever the header says', async () => {
  const headers = { ...bearer(await secretFor('ingest')), 'kpi-tenant': 'rival' };
  expect(await ingest.post(completed('mine'), headers)).toMatchObject({ status: 202 });
  await vi.waitFor(
    () =>
      expect(ingest.logged).toMatchObject([{ key: 'acme\u001fa1', event: { tenant_id: 'acme' } }]),
    { timeout: 20_000 },
  );
});

test('an event that claims another tenant is refused', async () => {
  const answer = await ingest.post(
    completed('theirs', { tenant_id: 'rival' }),
    bearer(await secretFor('ingest')),
  );
  expect(answer.body).toMatchObject({ accepted: 0, rejected: [{ path: '/tenant_id' }] });
});

test('a key that sends too much is told when to go on, others are not held up', async () => {
  const greedy = bearer(await secretFor('ingest'));
  const modest = bearer(await secretFor('ingest'));
  const events = Array.from({ length: 500 }, (_, index) => completed(`many-${index}`));
  expect(await ingest.post(events, greedy)).toMatchObject({ status: 202 });
  const refused = await ingest.post(completed('one more'), greedy);
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(refused.headers.get('retry-after')).toBe('3');
  expect(await ingest.post(completed('other'), modest)).toMatchObject({ status: 202 });
  ingest.time.now += 3_000;
  expect(await ingest.post(completed('one more'), greedy)).toMatchObject({ status: 202 });
});

test('no key is ever in the log', async () => {
  const secret = await secretFor('ingest');
  await ingest.post('{"broken', bearer(secret));
  await ingest.post(completed('e2'), bearer(secret.replace('kpi_', 'kpi-')));
  expect(ingest.logLines.join('')).not.toContain(secret.slice(-64));
});
