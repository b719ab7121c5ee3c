import { type DeadLetter } from '@kpi/kafka';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { startTestIngest, type TestIngest } from './test-ingest.ts';

let ingest: TestIngest;

beforeAll(async () => {
  ingest = await startTestIngest();
});

afterAll(async () => {
  await ingest.close();
});

const MIB = 1_048_576;

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

/** The dead letter whose body is `raw`, as soon as it is there. */
function letterWith(raw: string | Buffer): Promise<DeadLetter> {
  const body = Buffer.from(raw).toString('base64');
  return vi.waitFor(
    () => {
      const letter = ingest.deadLetters.find((one) => one.body === body);
      if (letter === undefined) throw new Error('no dead letter has this body');
      return letter;
    },
    { timeout: 20_000 },
  );
}

function loggedIds(prefix: string): readonly string[] {
  return ingest.logged
    .map(({ event }) => event.event_id)
    .filter((eventId) => eventId.startsWith(prefix));
}

describe('a poison event in the middle of a request', () => {
  const poison =
    '{"event_id": "p-2", "event_type": "lms.course_completed",\n "source": "academy", "account_id": 12345678901234567890, "occurred_at": "2026-02-01T00:00:00Z", "properties": {"course_id": "c1"}}';

  test('refuses itself alone, and is kept byte for byte with the reason', async () => {
    const [first, last] = [completed('p-1'), completed('p-3')].map((one) => JSON.stringify(one));
    const { status, body } = await ingest.post(`[${first}, ${poison} ,${last}]`);
    expect({ status, body }).toEqual({
      status: 202,
      body: {
        accepted: 2,
        rejected: [
          {
            index: 1,
            code: 'event_invalid',
            message: expect.stringContaining('expected string'),
            path: '/account_id',
          },
        ],
      },
    });
    expect(await letterWith(poison)).toMatchObject({
      reason: 'event_invalid',
      path: '/account_id',
      origin: { kind: 'http' },
      source: 'academy',
      event_id: 'p-2',
      tenant_id: 'default',
      content_type: 'application/json',
    });
    await vi.waitFor(() => expect(loggedIds('p-')).toEqual(['p-1', 'p-3']), { timeout: 20_000 });
  });

  test('has one dead letter however often it is sent', async () => {
    await ingest.post(poison);
    await ingest.post(poison);
    const known = await letterWith(poison);
    await ingest.post('"the end"');
    await letterWith('"the end"');
    const ids = ingest.deadLetters.filter(({ body }) => body === known.body).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });
});

test('a request whose events are all refused is answered like any other', async () => {
  const { status, body } = await ingest.post([
    completed('r-1', { event_type: 'lms.course_burnt' }),
    completed('r-2', { occurred_at: '2026-03-01T12:05:00.001Z' }),
    completed('r-3', { account_id: null }),
    7,
  ]);
  expect(status).toBe(202);
  expect(body).toMatchObject({
    accepted: 0,
    rejected: [
      { index: 0, code: 'event_type_unknown', path: '/event_type' },
      { index: 1, code: 'occurred_in_future', path: '/occurred_at' },
      { index: 2, code: 'subject_missing', path: '/account_id' },
      { index: 3, code: 'event_invalid', path: '' },
    ],
  });
  await letterWith('7');
});

test('an empty list is nothing to do', async () => {
  const answer = await ingest.post([]);
  expect(answer).toMatchObject({ status: 202, body: { accepted: 0, rejected: [] } });
});

describe('a body that cannot be read is refused as a whole and kept', () => {
  test.each([
    ['broken JSON', Buffer.from('[{"event_id": "m-1"')],
    ['text that is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['neither an event nor a list', Buffer.from('"hello"')],
    ['5 MiB of nonsense', Buffer.alloc(5 * MIB - 10, 'x')],
  ])('%s', async (_what, raw) => {
    const answer = await ingest.post(raw);
    expect(answer).toMatchObject({ status: 400, body: { code: 'body_invalid' } });
    expect(await letterWith(raw)).toMatchObject({ reason: 'body_invalid', event_id: null });
  });
});

describe('what is never read is not kept', () => {
  test.each([
    { what: 'nothing at all', body: '', status: 400, code: 'body_invalid' },
    {
      what: 'more than 1,000 events',
      body: Array.from({ length: 1_001 }, () => 1),
      status: 413,
      code: 'batch_too_large',
    },
    {
      what: 'more than 5 MiB',
      body: Buffer.alloc(5 * MIB + 1, ' '),
      status: 413,
      code: 'body_too_large',
    },
    {
      what: 'another form',
      body: 'a,b',
      headers: { 'content-type': 'text/csv' },
      status: 415,
      code: 'media_type_unsupported',
    },
    {
      what: 'compressed bytes',
      body: 'x',
      headers: { 'content-encoding': 'gzip' },
      status: 400,
      code: 'parameter_invalid',
    },
    {
      what: 'an impossible tenant',
      body: '{}',
      headers: { 'kpi-tenant': 'a}b' },
      status: 400,
      code: 'parameter_invalid',
    },
  ])('$what', async ({ body, headers, status, code }) => {
    const before = ingest.deadLetters.length;
    const answer = await ingest.post(body, headers ?? {});
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const marker = `"marker ${code} ${before}"`;
    await ingest.post(marker);
    await letterWith(marker);
    expect(ingest.deadLetters.length).toBe(before + 1);
  });
});

test('neither metrics nor the log repeat what an event said', async () => {
  const secret = { ...completed('s-1'), user_id: 'ada@example.org', properties: {} };
  const { status } = await ingest.post([secret]);
  expect(status).toBe(202);
  const metrics = await ingest.metrics.metrics();
  expect(metrics).toContain('kpi_ingest_rejected_total{code="event_invalid"}');
  expect(metrics).not.toContain('ada@');
  expect(ingest.logLines.join('')).not.toContain('ada@');
});
