import { randomBytes } from 'node:crypto';

import { Fault, type KpiEvent } from '@kpi/core';
import {
  closeRedis,
  createIdentity,
  createRedis,
  type Identity,
  type MembershipChange,
  type RedisClient,
} from '@kpi/redis';
import { createLog, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { checkEvent } from './event-check.ts';
import { createHashMail } from './mail-hash.ts';
import { INGEST_OPTIONS } from './options.ts';
import { resolveAccounts } from './resolve-accounts.ts';

const context = {
  tenantId: 'acme',
  now: Date.parse('2026-03-01T00:00:00Z'),
  futureMsMax: 0,
  hashMail: createHashMail(Buffer.from('salt')),
};

const prefix = `t${randomBytes(6).toString('hex')}`;
const config = readConfig(INGEST_OPTIONS, process.env);
const log = createLog({ name: 'test', level: 'silent' });
let client: RedisClient;
let identity: Identity;

beforeAll(async () => {
  client = await createRedis(config, log);
  identity = createIdentity({ client, prefix });
});

afterAll(async () => {
  await client.del(`${prefix}:{t:acme}:memberships`);
  await closeRedis(client);
});

function eventOf(fields: object): KpiEvent {
  const event = checkEvent(
    {
      event_id: 'e',
      event_type: 'lms.course_completed',
      source: 'academy',
      occurred_at: '2026-02-01T00:00:00Z',
      properties: { course_id: 'c1' },
      ...fields,
    },
    context,
  );
  if (event instanceof Fault) throw event;
  return event;
}

function changesOf(userId: string, count: number): readonly MembershipChange[] {
  return Array.from({ length: count }, (_, index) => ({
    userId,
    accountId: 'a1',
    kind: 'joined',
    at: index,
    source: 'crm',
    eventId: `j${index}`,
    sourceVersion: 0,
    retracts: null,
  }));
}

test('events that name their account need no Redis', async () => {
  const away = await createRedis(config, log);
  away.disconnect();
  const unreachable = createIdentity({ client: away, prefix });
  const events = [eventOf({ account_id: 'a1', user_id: 'u1' }), eventOf({ account_id: 'a2' })];
  expect(await resolveAccounts(unreachable, 'acme', events)).toEqual({ events, changes: [] });
});

test('each event gets the account of its own user', async () => {
  await identity.record('acme', changesOf('u1', 1));
  const events = ['u1', 'u2', 'u1'].map((userId) => eventOf({ user_id: userId }));
  const resolved = await resolveAccounts(identity, 'acme', events);
  expect(resolved.events.map((event) => event instanceof Fault || event.account_id)).toEqual([
    'a1',
    null,
    'a1',
  ]);
});

test('a ticket is of the account of who requested it, whoever wrote it down', async () => {
  await identity.record('acme', changesOf('customer', 1));
  const ticket = {
    event_type: 'support.ticket_created',
    properties: {
      ticket_id: 't1',
      channel: 'phone',
      requester_user_id: 'customer',
      is_customer_initiated: true,
    },
  };
  const events = [ticket, { ...ticket, user_id: 'agent' }].map((one) => eventOf(one));
  const resolved = await resolveAccounts(identity, 'acme', events);
  expect(resolved.events).toMatchObject([
    { account_id: 'a1', user_id: 'customer' },
    { account_id: 'a1', user_id: 'agent' },
  ]);
});

test('a ticket that somebody else requested is told between which accounts it moves', async () => {
  const of = (accountId: string, userId: string): MembershipChange => ({
    userId,
    accountId,
    kind: 'joined',
    at: 0,
    source: 'crm',
    eventId: `j-${userId}`,
    sourceVersion: 0,
    retracts: null,
  });
  await identity.record('acme', [of('a1', 'ann'), of('a1', 'abe'), of('a2', 'bob')]);
  const update = (from: string | null, to: string | null, more: object = {}): KpiEvent =>
    eventOf({
      event_type: 'support.ticket_updated',
      account_id: 'a1',
      properties: { ticket_id: 't1', field: 'requester_user_id', from, to, ...more },
    });
  const resolved = await resolveAccounts(identity, 'acme', [
    update('ann', 'bob'),
    update('ann', 'stranger'),
    update('ann', 'abe'),
    update('stranger', 'bob'),
    update(null, 'bob'),
    update('ann', 'bob', { from_account_id: 'a8', into_account_id: 'a9' }),
  ]);
  const moves = resolved.events.map((event) =>
    event instanceof Fault || event.event_type !== 'support.ticket_updated'
      ? event
      : [event.account_id, event.from_account_id, event.into_account_id],
  );
  expect(moves).toEqual([
    ['a1', 'a1', 'a2'],
    ['a1', 'a1', null],
    ['a1', null, null],
    ['a1', null, null],
    ['a1', null, null],
    ['a1', 'a8', 'a9'],
  ]);
});

test('an event that names both a user and an account makes nobody a member', async () => {
  const events = [eventOf({ user_id: 'u3', account_id: 'a1' }), eventOf({ user_id: 'u3' })];
  const resolved = await resolveAccounts(identity, 'acme', events);
  expect(resolved).toMatchObject({ events: [{}, { account_id: null }], changes: [] });
});

test('a user with a thousand changes gets no more, and their other events are still resolved', async () => {
  await identity.record('acme', changesOf('u4', 1_000));
  const join = { event_type: 'user.joined_account', account_id: 'a2', properties: {} };
  const events = [
    eventOf({ ...join, user_id: 'u4' }),
    eventOf({ ...join, user_id: 'u5' }),
    eventOf({ user_id: 'u4' }),
  ];
  const resolved = await resolveAccounts(identity, 'acme', events);
  expect(resolved.events).toMatchObject([
    { code: 'event_invalid', path: '/user_id' },
    { account_id: 'a2' },
    { account_id: 'a1' },
  ]);
  expect(resolved.changes.map(({ userId }) => userId)).toEqual(['u5']);
});
