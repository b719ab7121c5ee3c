import { partitionOf } from '@kpi/kafka';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { NOW, startTestIngest, type TestIngest } from './test-ingest.ts';

let ingest: TestIngest;

beforeAll(async () => {
  ingest = await startTestIngest();
});

afterAll(async () => {
  await ingest.close();
});

const COMPLETED = {
  event_type: 'lms.course_completed',
  source: 'academy',
  occurred_at: '2026-02-01T00:00:00Z',
  properties: { course_id: 'c1' },
};

function completedBy(eventId: string, userId: string, at: string) {
  return { ...COMPLETED, event_id: eventId, user_id: userId, occurred_at: at };
}

function joined(eventId: string, userId: string, accountId: string) {
  return {
    event_id: eventId,
    event_type: 'user.joined_account',
    source: 'crm',
    user_id: userId,
    account_id: accountId,
    occurred_at: '2026-01-10T00:00:00Z',
  };
}

function cloudEvent(id: string) {
  return {
    specversion: '1.0',
    id,
    source: '/academy',
    type: 'lms.course_completed',
    time: '2026-02-01T00:00:00Z',
    accountid: 'a20',
    data: { course_id: 'c1' },
  };
}

/** The records of an event id, as soon as there are as many. */
function recordsOf(eventId: string, count = 1) {
  return vi.waitFor(
    () => {
      const found = ingest.logged.filter(({ event }) => event.event_id === eventId);
      expect(found).toHaveLength(count);
      return found;
    },
    { timeout: 20_000 },
  );
}

describe('an accepted event', () => {
  test('lies in its topic, under the key and in the partition of its account, stamped with its arrival', async () => {
    const before = Date.now();
    const sent = { ...COMPLETED, event_id: 'plain', account_id: 'a1', user_id: 'u1' };
    const { status, body } = await ingest.post(sent);
    expect({ status, body }).toEqual({ status: 202, body: { accepted: 1, rejected: [] } });
    const [record] = await recordsOf('plain');
    expect(record).toMatchObject({
      topic: ingest.topics.of('lms.course_completed'),
      key: 'default\u001fa1',
      partition: partitionOf('default\u001fa1', ingest.config.KPI_PARTITIONS),
      event: {
        tenant_id: 'default',
        account_id: 'a1',
        user_id: 'u1',
        occurred_at: Date.parse('2026-02-01T00:00:00Z'),
        received_at: NOW,
        schema_version: 1,
        course_id: 'c1',
      },
    });
    expect(record?.timestampMs).toBeGreaterThanOrEqual(before);
  });

  test('belongs to the tenant that the header names', async () => {
    const sent = { ...COMPLETED, event_id: 'tenanted', account_id: 'a1' };
    await ingest.post(sent, { 'kpi-tenant': 'acme' });
    const [record] = await recordsOf('tenanted');
    expect(record).toMatchObject({ key: 'acme\u001fa1', event: { tenant_id: 'acme' } });
  });

  test('about neither account nor user shares the key of its tenant', async () => {
    await ingest.post({
      event_id: 'rate',
      event_type: 'fx.rate_published',
      source: 'ecb',
      occurred_at: '2026-02-01T00:00:00Z',
      properties: { base: 'USD', quote: 'EUR', rate: '0.9', date: '2026-02-01' },
    });
    const [record] = await recordsOf('rate');
    expect(record).toMatchObject({
      topic: ingest.topics.of('fx.rate_published'),
      key: 'default\u001f',
    });
  });

  test('that merges accounts is published under both', async () => {
    await ingest.post({
      event_id: 'merge',
      event_type: 'account.merged',
      source: 'crm',
      account_id: 'new',
      occurred_at: '2026-02-01T00:00:00Z',
      properties: { from_account_id: 'old', into_account_id: 'new' },
    });
    const records = await recordsOf('merge', 2);
    expect(records.map(({ key }) => key).toSorted()).toEqual([
      'default\u001fnew',
      'default\u001fold',
    ]);
  });

  test('keeps no mail address, and the hash of one is the same in every event', async () => {
    const mail = { ...COMPLETED, account_id: 'a1', attributes: { email: 'Ada@example.org' } };
    await ingest.post([
      { ...mail, event_id: 'mail-1' },
      { ...mail, event_id: 'mail-2', attributes: { email: 'ada@example.org' } },
    ]);
    const [first] = await recordsOf('mail-1');
    const [second] = await recordsOf('mail-2');
    expect(first?.event.attributes['email']).toMatch(/^mail:[0-9a-f]{64}$/);
    expect(second?.event.attributes).toEqual(first?.event.attributes);
  });
});

describe('an event that names only a user', () => {
  test('is keyed by the account the user belonged to when it occurred', async () => {
    await ingest.post(joined('j1', 'u10', 'a10'));
    await ingest.post([
      completedBy('as-member', 'u10', '2026-01-10T00:00:00Z'),
      completedBy('before-joining', 'u10', '2026-01-09T23:59:59.999Z'),
    ]);
    const [member] = await recordsOf('as-member');
    const [prospect] = await recordsOf('before-joining');
    expect(member).toMatchObject({ key: 'default\u001fa10', event: { account_id: 'a10' } });
    expect(prospect).toMatchObject({ key: 'default\u001fuser:u10', event: { account_id: null } });
  });

  test('is keyed by a join of the same request, wherever it stands', async () => {
    await ingest.post([
      completedBy('first-in-batch', 'u11', '2026-01-11T00:00:00Z'),
      joined('j2', 'u11', 'a11'),
    ]);
    const [record] = await recordsOf('first-in-batch');
    expect(record).toMatchObject({ key: 'default\u001fa11' });
  });

  test('does not see a join that was refused', async () => {
    const refusedJoin = { ...joined('j3', 'u12', 'a12'), occurred_at: '2030-01-01T00:00:00Z' };
    await ingest.post([refusedJoin, completedBy('no-join', 'u12', '2026-01-11T00:00:00Z')]);
    const [record] = await recordsOf('no-join');
    expect(record).toMatchObject({ key: 'default\u001fuser:u12' });
  });

  test('does not see the memberships of another tenant', async () => {
    await ingest.post(joined('j4', 'u13', 'a13'), { 'kpi-tenant': 'acme' });
    await ingest.post(completedBy('other-tenant', 'u13', '2026-01-11T00:00:00Z'));
    const [record] = await recordsOf('other-tenant');
    expect(record).toMatchObject({ key: 'default\u001fuser:u13' });
  });
});

describe('CloudEvents', () => {
  test.each([
    ['structured', 'application/cloudevents+json; charset=utf-8', cloudEvent('ce-structured')],
    ['batch', 'application/cloudevents-batch+json', [cloudEvent('ce-batch')]],
  ])('in %s mode become the same event', async (mode, contentType, body) => {
    const answer = await ingest.post(body, { 'content-type': contentType });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } });
    const [record] = await recordsOf(`ce-${mode}`);
    expect(record).toMatchObject({ key: 'default\u001fa20', event: { course_id: 'c1' } });
  });

  test('in binary mode become the same event', async () => {
    const { data, ...attributes } = cloudEvent('ce-binary');
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]),
    );
    expect(await ingest.post(data, headers)).toMatchObject({ status: 202, body: { accepted: 1 } });
    const [record] = await recordsOf('ce-binary');
    expect(record).toMatchObject({ key: 'default\u001fa20', event: { source: '/academy' } });
  });

  test('are refused in their own terms', async () => {
    const answer = await ingest.post([{ ...cloudEvent('ce-bad'), data: {} }], {
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(answer.body).toMatchObject({ rejected: [{ index: 0, path: '/data/course_id' }] });
  });
});

test('a thousand large events of one account fit into one request', async () => {
  const note = 'x'.repeat(1_000);
  const events = Array.from({ length: 1_000 }, (_, index) => ({
    ...COMPLETED,
    event_id: `large-${index}`,
    account_id: 'a30',
    attributes: { one: note, two: note, three: note },
  }));
  expect(await ingest.post(events)).toMatchObject({ status: 202, body: { accepted: 1_000 } });
  await recordsOf('large-999');
});
