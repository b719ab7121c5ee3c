import { randomUUID } from 'node:crypto';

import { createLog, ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { closeRedis, createRedis, type RedisClient } from './connection.ts';

const prefix = `test-${randomUUID()}`;
const time = { now: 1_000 };
let client: RedisClient;
let keys: ApiKeys;

beforeAll(async () => {
  const config = readConfig(z.object(ENGINE_OPTIONS), process.env);
  client = await createRedis(config, createLog({ name: 'test', level: 'silent' }));
  keys = createApiKeys({ client, prefix, areRequired: true, clock: () => time.now });
});

afterAll(async () => {
  await client.del(`${prefix}:api-keys`);
  await closeRedis(client);
});

function bearer(secret: string) {
  return { authorization: `Bearer ${secret}`, tenant: undefined };
}

describe('a key that was created', () => {
  test('proves its tenant, as bearer token or as basic user name', async () => {
    const { secret, keyId } = await keys.create({
      tenantId: 'acme',
      scopes: ['ingest'],
      label: 'shop',
    });
    const basic = `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
    const caller = { tenantId: 'acme', keyId };
    await expect(keys.authenticate(bearer(secret), 'ingest')).resolves.toEqual(caller);
    await expect(
      keys.authenticate({ authorization: basic, tenant: 'rival' }, 'ingest'),
    ).resolves.toEqual(caller);
  });

  test('is good for its scopes only; admin includes the others', async () => {
    const reader = await keys.create({ tenantId: 'acme', scopes: ['read'], label: 'board' });
    const admin = await keys.create({ tenantId: 'acme', scopes: ['admin'], label: 'ops' });
    await expect(keys.authenticate(bearer(reader.secret), 'ingest')).rejects.toMatchObject({
      code: 'key_forbidden',
    });
    await expect(keys.authenticate(bearer(admin.secret), 'ingest')).resolves.toMatchObject({
      tenantId: 'acme',
    });
  });

  test('is not stored: neither Redis nor a list holds it', async () => {
    const { secret, keyId } = await keys.create({ tenantId: 'acme', scopes: [], label: 'x' });
    expect(await client.hget(`${prefix}:api-keys`, keyId)).not.toContain(secret.slice(-64));
    expect(JSON.stringify(await keys.list())).not.toContain(secret.slice(-64));
  });

  test('is refused once revoked, at the latest after five seconds, while the one that replaces it goes on', async () => {
    const old = await keys.create({ tenantId: 'acme', scopes: ['ingest'], label: 'old' });
    await keys.authenticate(bearer(old.secret), 'ingest');
    const next = await keys.create({ tenantId: 'acme', scopes: ['ingest'], label: 'new' });
    expect(await keys.revoke(old.keyId)).toBe(true);
    expect(await keys.revoke(old.keyId)).toBe(false);
    time.now += 5_000;
    await expect(keys.authenticate(bearer(old.secret), 'ingest')).rejects.toMatchObject({
      code: 'key_missing',
    });
    await expect(keys.authenticate(bearer(next.secret), 'ingest')).resolves.toBeDefined();
  });
});

test.each([
  undefined,
  'Bearer',
  'Bearer kpi_0123456789abcdef_guess',
  `Bearer kpi_0123456789abcdef_${'0'.repeat(64)}`,
  `Digest kpi_0123456789abcdef_${'0'.repeat(64)}`,
])('%s is no key', async (authorization) => {
  await expect(
    keys.authenticate({ authorization, tenant: 'acme' }, 'ingest'),
  ).rejects.toMatchObject({ code: 'key_missing' });
});

test('the right id with another secret is no key', async () => {
  const { secret } = await keys.create({ tenantId: 'acme', scopes: ['ingest'], label: 'x' });
  const forged = `${secret.slice(0, -64)}${'f'.repeat(64)}`;
  await expect(keys.authenticate(bearer(forged), 'ingest')).rejects.toMatchObject({
    code: 'key_missing',
  });
});

test('a list names the keys of a tenant', async () => {
  await keys.create({ tenantId: 'globex', scopes: ['read'], label: 'first' });
  time.now += 1;
  await keys.create({ tenantId: 'globex', scopes: ['read', 'ingest'], label: 'second' });
  const listed = await keys.list('globex');
  expect(listed.map(({ label, scopes }) => [label, scopes])).toEqual([
    ['first', ['read']],
    ['second', ['read', 'ingest']],
  ]);
});

describe('where no key is required', () => {
  test('the tenant is that of the header, or the default one', async () => {
    const open = createApiKeys({ client, prefix, areRequired: false, clock: () => time.now });
    const tenantOf = async (tenant: string | undefined) =>
      (await open.authenticate({ authorization: undefined, tenant }, 'ingest')).tenantId;
    expect(await tenantOf(undefined)).toBe('default');
    expect(await tenantOf('acme')).toBe('acme');
    await expect(tenantOf('a}b')).rejects.toMatchObject({ code: 'parameter_invalid' });
  });

  test('a key that is given must still be valid', async () => {
    const open = createApiKeys({ client, prefix, areRequired: false, clock: () => time.now });
    await expect(
      open.authenticate({ authorization: 'Bearer nonsense', tenant: 'acme' }, 'ingest'),
    ).rejects.toMatchObject({ code: 'key_missing' });
  });
});
