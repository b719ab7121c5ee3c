import { randomBytes } from 'node:crypto';

import { DeltaSheet, SeriesIndex } from '@kpi/core';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { type RedisClient, closeRedis, createRedis } from './connection.ts';
import { LiveStore } from './live-store.ts';
import { removeKeys } from './nodes.ts';
import { type OwnedPartition } from './owned-partition.ts';
import { partitionKeys } from './partition-keys.ts';
import { PartitionView } from './partition-view.ts';

const TOPIC = 'kpi.lms.v1';
const log = createLog({ name: 'test', level: 'silent' });

let client: RedisClient;
let prefix: string;
const prefixes: string[] = [];

beforeAll(async () => {
  client = await createRedis(readConfig(z.object(ENGINE_OPTIONS), process.env), log);
});

beforeEach(() => {
  prefix = `t${randomBytes(6).toString('hex')}`;
  prefixes.push(prefix);
});

afterAll(async () => {
  for (const one of prefixes) await removeKeys(client, `${one}:*`);
  await closeRedis(client);
});

function claim(worker: string): Promise<OwnedPartition> {
  return new LiveStore({ client, prefix }).claim(0, worker);
}

/** One record, which no KPI reads. */
async function applyNext(owned: OwnedPartition, next: number): Promise<void> {
  await owned.apply({
    topic: TOPIC,
    expected: next === 1 ? undefined : next - 1,
    next,
    sheet: new DeltaSheet(),
    homes: new Map(),
    statements: [],
    sources: new Map(),
    counts: new Map(),
  });
}

async function openView(): Promise<PartitionView> {
  const target = {
    index: new SeriesIndex(),
    onSource: () => undefined,
    onArrival: () => undefined,
  };
  const view = new PartitionView(client, partitionKeys(prefix, 0), target);
  await view.load();
  return view;
}

test('a reader goes on when a partition changes hands', async () => {
  const first = await claim('first');
  await applyNext(first, 1);
  const view = await openView();
  await applyNext(first, 2);
  const second = await claim('second');
  await applyNext(second, 3);
  expect(await view.follow()).toBe(2);
  await applyNext(second, 4);
  expect(await view.follow()).toBe(1);
  expect(view.offsets).toEqual(new Map([[TOPIC, 4]]));
});

test('a reader who was there before the first owner goes on with him', async () => {
  const view = await openView();
  await applyNext(await claim('first'), 1);
  expect(await view.follow()).toBe(1);
});

test('a reader of the owner before the last loads the partition anew', async () => {
  await applyNext(await claim('first'), 1);
  const view = await openView();
  await claim('second');
  await claim('third');
  expect(await view.follow()).toBeUndefined();
});

test('a reader of what a store no longer has loads it anew, whoever owned or owns it', async () => {
  const first = await claim('first');
  await applyNext(first, 1);
  const { owner, changes } = partitionKeys(prefix, 0);
  const [hash, stream] = await Promise.all([client.dumpBuffer(owner), client.dumpBuffer(changes)]);
  await applyNext(first, 2);
  const [ofFirst, ofSecond] = [await openView(), await openView()];
  await applyNext(await claim('second'), 3);
  expect(await ofSecond.follow()).toBe(1);

  await client.restore(owner, 0, hash, 'REPLACE');
  await client.restore(changes, 0, stream, 'REPLACE');
  const third = await claim('third');
  for (const next of [2, 3, 4]) await applyNext(third, next);
  expect(await ofFirst.follow()).toBeUndefined();
  expect(await ofSecond.follow()).toBeUndefined();
});

test('a reader who saw no more than a restored store has goes on', async () => {
  const first = await claim('first');
  await applyNext(first, 1);
  const view = await openView();
  const { owner, changes } = partitionKeys(prefix, 0);
  const [hash, stream] = await Promise.all([client.dumpBuffer(owner), client.dumpBuffer(changes)]);
  await applyNext(first, 2);
  await client.restore(owner, 0, hash, 'REPLACE');
  await client.restore(changes, 0, stream, 'REPLACE');
  await applyNext(await claim('second'), 2);
  expect(await view.follow()).toBe(1);
  expect(view.offsets).toEqual(new Map([[TOPIC, 2]]));
});
