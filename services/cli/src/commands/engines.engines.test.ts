import { randomBytes } from 'node:crypto';

import { createKafka, topicsOf } from '@kpi/kafka';
import { closeRedis, createApiKeys, createRedis } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { type CliRun, runTestCli } from '../test-cli.ts';

const ID = `t${randomBytes(6).toString('hex')}`;
const environment = {
  ...process.env,
  KPI_TOPIC_PREFIX: `${ID}.`,
  KPI_REDIS_PREFIX: ID,
  KPI_CLICKHOUSE_DATABASE: ID,
  KPI_PARTITIONS: '2',
};
const config = readConfig(z.object(ENGINE_OPTIONS), environment);
const log = createLog({ name: 'test', level: 'silent' });
const topics = topicsOf(config);

afterAll(async () => {
  const admin = createKafka(config, log).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topics.declarations.map(({ name }) => name) });
  await admin.disconnect();
  const redis = await createRedis(config, log);
  await redis.del(`${ID}:api-keys`);
  await closeRedis(redis);
});

function run(...words: readonly string[]): Promise<CliRun> {
  return runTestCli([...words, '--json'], { environment });
}

describe('kpi topics', () => {
  test('says which topics are missing, creates them, and then finds all as declared', async () => {
    const before = await run('topics', 'verify');
    expect(before.code).toBe(3);
    expect(before.err).toContain(`[topic_mismatch] there is no topic ${topics.input.join(', ')}`);
    expect(await run('topics', 'ensure')).toMatchObject({ code: 0 });
    expect(await run('topics', 'verify')).toMatchObject({ code: 0 });
    const found = await run('topics');
    expect(JSON.parse(found.out)).toEqual({
      topics: topics.declarations.map(({ name, partitions }) => ({
        name,
        partitions,
        declared: partitions,
        records: 0,
      })),
    });
  });

  test('another number of partitions is a difference', async () => {
    await run('topics', 'ensure');
    const other = { ...environment, KPI_PARTITIONS: '3' };
    const { code, err } = await runTestCli(['topics', 'verify'], { environment: other });
    expect(code).toBe(3);
    expect(err).toContain('[partition_mismatch]');
    expect(err).toContain('3 expected, 2 found');
  });

  test('brokers that do not answer are unreachable', async () => {
    const nowhere = { ...environment, KPI_KAFKA_BROKERS: '127.0.0.1:9' };
    const { code, err } = await runTestCli(['topics'], { environment: nowhere });
    expect(code).toBe(4);
    expect(err).toContain('[broker_unreachable]');
  });
});

test('kpi schemas register is the same the second time', async () => {
  const first = await run('schemas', 'register');
  expect(first.code).toBe(0);
  expect(JSON.parse(first.out)).toMatchObject({
    schemas: expect.arrayContaining([
      {
        event_type: 'lms.course_completed',
        subject: `${ID}.kpi.lms.v1-kpi.lms.course_completed`,
        id: expect.any(Number),
      },
    ]),
  });
  expect((await run('schemas', 'register')).out).toBe(first.out);
});

test('kpi migrate can run twice', async () => {
  expect(await run('migrate')).toMatchObject({ code: 0 });
  expect(await run('migrate')).toMatchObject({ code: 0 });
});

const createdKey = z.object({ keyId: z.string(), secret: z.string(), tenantId: z.string() });

describe('kpi keys', () => {
  test('a created key opens what its scopes say, is listed without its secret, and ends', async () => {
    const made = await run(
      'keys',
      'create',
      '--tenant',
      'acme',
      '--scope',
      'read',
      '--label',
      'page',
    );
    const { keyId, secret } = createdKey.parse(JSON.parse(made.out));
    const redis = await createRedis(config, log);
    const keys = createApiKeys({
      client: redis,
      prefix: ID,
      areRequired: true,
      clock: () => Date.now(),
    });
    const headers = { authorization: `Bearer ${secret}`, tenant: undefined };
    expect(await keys.authenticate(headers, 'read')).toEqual({ tenantId: 'acme', keyId });
    await expect(keys.authenticate(headers, 'ingest')).rejects.toMatchObject({
      code: 'key_forbidden',
    });
    await closeRedis(redis);
    const listed = await run('keys', 'list', '--tenant', 'acme');
    expect(JSON.parse(listed.out)).toMatchObject([{ keyId, scopes: ['read'], label: 'page' }]);
    expect(listed.out).not.toContain(secret);
    expect(await run('keys', 'revoke', keyId)).toMatchObject({ code: 0 });
    expect(JSON.parse((await run('keys', 'list', '--tenant', 'acme')).out)).toEqual([]);
  });

  test('a key that is not there cannot be revoked', async () => {
    const { code, err } = await run('keys', 'revoke', '0000000000000000');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'kpi: [not_found] there is no key 0000000000000000\n',
    });
  });

  test('a tenant that cannot be one is refused', async () => {
    const { code, err } = await run('keys', 'create', '--tenant', 'a b');
    expect(code).toBe(2);
    expect(err).toContain('[parameter_invalid]');
  });
});
