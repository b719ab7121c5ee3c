import { randomUUID } from 'node:crypto';

import { createLog, ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { closeRedis, createRedis, type RedisClient } from './connection.ts';
import { createIdentity, type Identity } from './identity.ts';
import { accountAt, type MembershipChange } from './membership.ts';
import { createTenantSalts } from './tenant-salt.ts';

const prefix = `test-${randomUUID()}`;
let client: RedisClient;
let identity: Identity;

beforeAll(async () => {
  const config = readConfig(z.object(ENGINE_OPTIONS), process.env);
  client = await createRedis(config, createLog({ name: 'test', level: 'silent' }));
  identity = createIdentity({ client, prefix });
});

afterAll(async () => {
  await client.del(`${prefix}:{t:acme}:memberships`, `${prefix}:{t:acme}:salt`);
  await closeRedis(client);
});

function join(userId: string, accountId: string, at: number): MembershipChange {
  return {
    userId,
    accountId,
    kind: 'joined',
    at,
    source: 'crm',
    eventId: `${userId}-${at}`,
    sourceVersion: 0,
    retracts: null,
  };
}

test('what was recorded is read back, in one call for many users, and unknown users are absent', async () => {
  await identity.record('acme', [join('u1', 'a1', 100), join('u2', 'a"2\n', 200)]);
  await identity.record('acme', [join('u1', 'a3', 300)]);
  const timelines = await identity.timelines('acme', ['u1', 'u2', 'nobody']);
  expect([...timelines]).toEqual([
    ['u1', [join('u1', 'a1', 100), join('u1', 'a3', 300)]],
    ['u2', [join('u2', 'a"2\n', 200)]],
  ]);
});

test('recording the same change again adds nothing', async () => {
  const changes = [join('u3', 'a1', 100), join('u3', 'a2', 200), join('u3', 'a1', 100)];
  await identity.record('acme', changes);
  await identity.record('acme', changes);
  const timelines = await identity.timelines('acme', ['u3']);
  expect(timelines.get('u3')).toHaveLength(2);
});

test('more changes than one script takes are all recorded', async () => {
  const changes = Array.from({ length: 2_500 }, (_, index) => join(`many-${index}`, 'a1', index));
  await identity.record('acme', changes);
  const users = changes.map((change) => change.userId);
  expect((await identity.timelines('acme', users)).size).toBe(2_500);
});

test('a forgotten user is a prospect, and another tenant never sees the timeline', async () => {
  await identity.record('acme', [join('u4', 'a1', 100)]);
  expect((await identity.timelines('rival', ['u4'])).size).toBe(0);
  expect(await identity.forget('acme', { kind: 'user', id: 'u4' })).toBe(1);
  expect(accountAt((await identity.timelines('acme', ['u4'])).get('u4') ?? [], 150)).toBeNull();
});

test('every process gets the one salt of a tenant, however many make it at once', async () => {
  const salts = await Promise.all(
    Array.from({ length: 8 }, () => createTenantSalts({ client, prefix }).saltOf('acme')),
  );
  expect(new Set(salts.map((salt) => salt.toString('hex'))).size).toBe(1);
  expect(salts[0]).toHaveLength(32);
});
