import { createLog } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type RedisClient, closeRedis, createRedis } from './connection.ts';
import { type Script, runScript } from './script.ts';

/** More than a function call may be given on any machine that this runs on. */
const ARGUMENTS = 300_000;

let client: RedisClient;

beforeAll(async () => {
  const log = createLog({ name: 'test', level: 'silent' });
  client = await createRedis({ KPI_REDIS_URL: process.env['KPI_REDIS_URL'] ?? '' }, log);
});

afterAll(() => closeRedis(client));

function scriptOf(source: string, sha1: string): Script {
  return { name: 'test', source, sha1 };
}

test('a script takes as many arguments as a large batch has, also when the server does not know it yet', async () => {
  const script = scriptOf('return {#KEYS, #ARGV, ARGV[#ARGV]}', '0'.repeat(40));
  const args = Array.from({ length: ARGUMENTS }, (_, index) => index);
  expect(await runScript(client, script, { keys: ['one'], args })).toEqual([
    1,
    ARGUMENTS,
    String(ARGUMENTS - 1),
  ]);
});

test('a script that fails passes its own error on', async () => {
  const script = scriptOf("return redis.error_reply('MINE no')", '1'.repeat(40));
  await expect(runScript(client, script, { keys: [], args: [] })).rejects.toThrow('MINE no');
});
