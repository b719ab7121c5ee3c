import { type ApiKeys, createApiKeys } from '@kpi/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { type Answer, startTestIngest, type TestIngest } from '../test-ingest.ts';

let ingest: TestIngest;
let keys: ApiKeys;
/** Headers of an admin of the tenant acme. */
let acme: Readonly<Record<string, string>>;
let now: number;

beforeAll(async () => {
  ingest = await startTestIngest({ KPI_REQUIRE_KEYS: 'true' });
  keys = createApiKeys({
    client: ingest.redis,
    prefix: ingest.config.KPI_REDIS_PREFIX,
    areRequired: true,
    clock: () => ingest.time.now,
  });
  acme = await admin('acme');
});

beforeEach(async () => {
  const { letters } = await list('');
  if (letters.length > 0) await call('POST', '/drop', { ids: letters.map(({ id }) => id) });
  // Never back: budgets of callers are counted by it.
  ingest.time.now += 86_400_000;
  now = ingest.time.now;
});

afterAll(async () => {
  await ingest.close();
});

async function admin(tenantId: string): Promise<Readonly<Record<string, string>>> {
  const { secret } = await keys.create({ tenantId, scopes: ['admin'], label: 'test' });
  return { authorization: `Bearer ${secret}` };
}

async function call(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = acme,
): Promise<Omit<Answer, 'headers'>> {
  const response = await fetch(`${ingest.service.url}/v1/dead-letters${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const page = z.object({
  letters: z.array(z.looseObject({ id: z.string(), reason: z.string(), attempts: z.int() })),
  total: z.int(),
  by_reason: z.record(z.string(), z.int()),
  next: z.string().nullable(),
});

async function list(query: string, headers = acme) {
  const { status, body } = await call('GET', query, undefined, headers);
  expect(status).toBe(200);
  return page.parse(body);
}

/** The id of the only letter there is. */
async function only(): Promise<string> {
  const { letters } = await list('');
  expect(letters).toHaveLength(1);
  return letters[0]?.id ?? '';
}

async function send(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const { status } = await ingest.post(body, { ...acme, ...headers });
  expect(status).toBe(202);
}

function completed(eventId: string, fields: object = {}) {
  return {
    event_id: eventId,
    event_type: 'lms.course_completed',
    source: 'academy',
    account_id: 'a1',
    user_id: 'jane@example.org',
    occurred_at: '2026-02-01T00:00:00Z',
    properties: { course_id: 'c1' },
    ...fields,
  };
}

const poison = (eventId: string, fields: object = {}) =>
  completed(eventId, { properties: {}, ...fields });

/** How often an event came to lie in the log. */
function logged(eventId: string, times: number): Promise<void> {
  const count = () => ingest.logged.filter(({ event }) => event.event_id === eventId).length;
  return vi.waitFor(() => expect(count()).toBe(times), { timeout: 20_000 });
}

describe('dead letters', () => {
  test('are listed by reason, source, type and time, in pages, without what events said', async () => {
    await send([
      poison('l1'),
      poison('l2', { source: 'jane@example.org' }),
      completed('l3', { event_type: 'lms.jane@example.org' }),
      completed('l4', { 'jane@example.org': 1 }),
    ]);
    ingest.time.now = now + 60_000;
    await send(completed('l5', { occurred_at: '2030-01-01T00:00:00Z' }));
    const all = await list('');
    expect(all).toMatchObject({
      total: 5,
      next: null,
      by_reason: { event_invalid: 3, event_type_unknown: 1, occurred_in_future: 1 },
    });
    expect(JSON.stringify(all)).not.toContain('jane');
    expect((await list('?reason=event_invalid')).total).toBe(3);
    expect((await list('?source=jane@example.org')).total).toBe(1);
    expect((await list('?event_type=lms.course_completed&source=academy')).total).toBe(3);
    expect((await list(`?from=${new Date(now + 1).toISOString()}`)).total).toBe(1);
    expect((await list(`?to=${new Date(now + 1).toISOString()}`)).total).toBe(4);
    const first = await list('?limit=3');
    const second = await list(`?limit=3&cursor=${first.next}`);
    const ids = (from: typeof first) => from.letters.map(({ id }) => id);
    expect([first.total, second.total, second.next]).toEqual([5, 5, null]);
    expect([...ids(first), ...ids(second)]).toEqual(ids(all));
  });

  test('of others are neither seen nor touched', async () => {
    await send(poison('o1'));
    const id = await only();
    const globex = await admin('globex');
    expect((await list('', globex)).total).toBe(0);
    expect((await call('GET', `/${id}`, undefined, globex)).status).toBe(404);
    expect(await call('POST', '/drop', { ids: [id] }, globex)).toMatchObject({
      body: { dropped: [], missing: [id] },
    });
    expect(await call('POST', '/replay', { letters: [{ id }] }, globex)).toMatchObject({
      body: { results: [{ id, outcome: 'missing' }] },
    });
    const { secret } = await keys.create({
      tenantId: 'acme',
      scopes: ['ingest', 'read'],
      label: '',
    });
    const plain = { authorization: `Bearer ${secret}` };
    expect(await call('GET', '', undefined, plain)).toMatchObject({
      status: 403,
      body: { code: 'key_forbidden' },
    });
    expect((await list('')).total).toBe(1);
  });

  test('are shown whole, with a way back', async () => {
    await send(poison('s1'));
    const { body } = await call('GET', `/${await only()}`);
    expect(body).toMatchObject({
      reason: 'event_invalid',
      path: '/properties/course_id',
      tenant_id: 'acme',
      event_id: 's1',
      event_type: 'lms.course_completed',
      origin: { kind: 'http' },
      text: JSON.stringify(poison('s1')),
      hint: 'correct it: replay with --set properties.course_id=VALUE, or --map FILE',
    });
  });

  test('go through once the cause is gone, and are gone then', async () => {
    await send(completed('r1', { occurred_at: new Date(now + 3_600_000).toISOString() }));
    const id = await only();
    ingest.time.now = now + 3_600_000;
    const replay = () => call('POST', '/replay', { letters: [{ id }] });
    expect(await replay()).toMatchObject({
      body: { results: [{ id, outcome: 'replayed', events: 1 }] },
    });
    expect(await replay()).toMatchObject({ body: { results: [{ id, outcome: 'missing' }] } });
    expect((await list('')).total).toBe(0);
    await logged('r1', 1);
  });

  test('that are refused again stay under their id, with the new reason and one more attempt', async () => {
    await send(poison('f1'));
    const id = await only();
    const events = [completed('f1', { account_id: null, user_id: null })];
    expect(await call('POST', '/replay', { letters: [{ id }] })).toMatchObject({
      body: { results: [{ id, outcome: 'refused', code: 'event_invalid', attempts: 1 }] },
    });
    expect(await call('POST', '/replay', { letters: [{ id, events }] })).toMatchObject({
      body: { results: [{ id, outcome: 'refused', code: 'subject_missing', attempts: 2 }] },
    });
    expect((await list('')).letters).toMatchObject([
      { id, reason: 'subject_missing', attempts: 2 },
    ]);
    // Its bytes are what was sent at first.
    expect((await call('GET', `/${id}`)).body).toMatchObject({
      text: JSON.stringify(poison('f1')),
    });
    const corrected = [completed('f1')];
    expect(await call('POST', '/replay', { letters: [{ id, events: corrected }] })).toMatchObject({
      body: { results: [{ id, outcome: 'replayed' }] },
    });
    await logged('f1', 1);
  });

  test('with several events go through whole or not at all', async () => {
    await send(poison('w1'));
    const id = await only();
    const half = [completed('w1'), poison('w2')];
    expect(await call('POST', '/replay', { letters: [{ id, events: half }] })).toMatchObject({
      body: { results: [{ outcome: 'refused' }] },
    });
    const whole = [completed('w1'), completed('w2')];
    expect(await call('POST', '/replay', { letters: [{ id, events: whole }] })).toMatchObject({
      body: { results: [{ outcome: 'replayed', events: 2 }] },
    });
    await logged('w1', 1);
    await logged('w2', 1);
    expect((await list('')).total).toBe(0);
  });

  test('of bodies that were no JSON, and of CloudEvents, have the same way back', async () => {
    const { status } = await ingest.post('{"event_id": "b1", ', acme);
    expect(status).toBe(400);
    const body = await only();
    expect(await call('POST', '/replay', { letters: [{ id: body }] })).toMatchObject({
      body: { results: [{ outcome: 'refused', code: 'body_invalid', attempts: 1 }] },
    });
    const events = [completed('b1')];
    expect(await call('POST', '/replay', { letters: [{ id: body, events }] })).toMatchObject({
      body: { results: [{ outcome: 'replayed' }] },
    });
    const cloud = {
      specversion: '1.0',
      id: 'c1',
      source: 'academy',
      type: 'lms.course_completed',
      time: new Date(now + 3_600_000).toISOString(),
      accountid: 'a1',
      userid: 'u1',
      data: { course_id: 'c1' },
    };
    await send(cloud, { 'content-type': 'application/cloudevents+json' });
    const id = await only();
    ingest.time.now = now + 3_600_000;
    expect(await call('POST', '/replay', { letters: [{ id }] })).toMatchObject({
      body: { results: [{ outcome: 'replayed' }] },
    });
    await logged('c1', 1);
    expect(ingest.logLines.join('')).not.toContain('jane');
  });
});
