import { randomBytes } from 'node:crypto';

import { DEFAULT_DEFINITIONS } from '@kpi/core';
import { LiveStore, type RedisClient, closeRedis, createRedis, removeKeys } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { type DecodedBatch, PartitionWorker } from './partition-worker.ts';

const TOPIC = 'kpi.lms.v1';
const log = createLog({ name: 'test', level: 'silent' });
const prefix = `t${randomBytes(6).toString('hex')}`;
let redis: RedisClient;

beforeEach(async () => {
  redis = await createRedis(readConfig(z.object(ENGINE_OPTIONS), process.env), log);
});

afterEach(async () => {
  await removeKeys(redis, `${prefix}:*`);
  await closeRedis(redis);
});

async function openWorker(): Promise<PartitionWorker> {
  const owned = await new LiveStore({ client: redis, prefix }).claim(0, 'test');
  return new PartitionWorker({ owned, homesCached: 10, definitionsOf: () => DEFAULT_DEFINITIONS });
}

/** Records that are no events, up to `next`. */
function refusals(next: number, refused: number): DecodedBatch {
  return { topic: TOPIC, next, events: [], records: 0, refused, sources: new Map() };
}

test('a batch that is handed over again after it was applied counts once', async () => {
  const worker = await openWorker();
  await worker.apply(refusals(3, 3), 0);
  await worker.apply(refusals(3, 3), 0);
  await worker.apply(refusals(5, 2), 0);
  const next = await new LiveStore({ client: redis, prefix }).claim(0, 'next');
  expect(next.state.offsets).toEqual(new Map([[TOPIC, 5]]));
  expect(next.state.counts.get(`refused:${TOPIC}`)).toBe(5);
});
