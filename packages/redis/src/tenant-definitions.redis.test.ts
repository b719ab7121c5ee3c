import { randomBytes } from 'node:crypto';

import { DEFAULT_DEFINITIONS, type Definitions, DeltaSheet, days } from '@kpi/core';
import { formatDefinitions } from '@kpi/definitions';
import { ENGINE_OPTIONS, createLog, readConfig, systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { type RedisClient, closeRedis, createRedis } from './connection.ts';
import {
  definitionsInForce,
  newGeneration,
  removeGenerations,
  switchGeneration,
} from './generation.ts';
import { LiveStore, adoptDefinitions } from './live-store.ts';
import { LiveView } from './live-view.ts';
import { removeKeys } from './nodes.ts';
import {
  applyDefinitions,
  definitionsOfGeneration,
  readDefinitionsChange,
  readNewestDefinitions,
} from './tenant-definitions.ts';

const log = createLog({ name: 'test', level: 'silent' });
const PARTITIONS = 2;

let client: RedisClient;
let store: { readonly client: RedisClient; readonly prefix: string };
const prefixes: string[] = [];

beforeAll(async () => {
  client = await createRedis(readConfig(z.object(ENGINE_OPTIONS), process.env), log);
});

beforeEach(() => {
  const prefix = `t${randomBytes(6).toString('hex')}`;
  prefixes.push(prefix);
  store = { client, prefix };
});

afterAll(async () => {
  for (const prefix of prefixes) await removeKeys(client, `${prefix}:*`);
  await closeRedis(client);
});

function horizon(count: number): Definitions {
  const completion = { ...DEFAULT_DEFINITIONS.completion, horizonMs: days(count) };
  return { ...DEFAULT_DEFINITIONS, completion };
}

async function apply(definitions: Definitions, tenantId = 'acme') {
  const text = `# of ${tenantId}\n${formatDefinitions(definitions)}`;
  return applyDefinitions(store, { tenantId, appliedAt: 5, text, definitions });
}

/** A batch of one partition, so that something is counted. */
async function countSomething(partition: number): Promise<void> {
  const owned = await new LiveStore(store).claim(partition, 'test');
  await owned.apply({
    topic: 'kpi.test.v1',
    expected: undefined,
    next: 1,
    sheet: new DeltaSheet(),
    homes: new Map(),
    statements: [],
    sources: new Map(),
    counts: new Map(),
  });
}

test('each change of a tenant has the next number, and all are kept', async () => {
  expect(await readNewestDefinitions(store, 'acme')).toBeUndefined();
  expect(await apply(horizon(14))).toMatchObject({ number: 1, definitions: { changes: 1 } });
  expect(await apply(horizon(21))).toMatchObject({ number: 2 });
  expect(await apply(horizon(7), 'a:b')).toMatchObject({ number: 1 });
  const first = await readDefinitionsChange(store, { tenantId: 'acme', number: 1 });
  expect(first).toMatchObject({
    appliedAt: 5,
    text: expect.stringContaining('# of acme'),
    definitions: { ...horizon(14), changes: 1 },
  });
  expect((await readNewestDefinitions(store, 'acme'))?.definitions).toEqual({
    ...horizon(21),
    changes: 2,
  });
  expect(await readDefinitionsChange(store, { tenantId: 'acme', number: 3 })).toBeUndefined();
});

test('what says the same is no change: neither the newest again, nor the defaults at first', async () => {
  expect(await apply(DEFAULT_DEFINITIONS)).toMatchObject({ number: 0 });
  await apply(horizon(14));
  expect(await apply(horizon(14))).toMatchObject({ number: 1 });
  expect(await apply(DEFAULT_DEFINITIONS)).toMatchObject({ number: 2 });
});

test('of two that are applied at once one is a change', async () => {
  const results = await Promise.allSettled([apply(horizon(7)), apply(horizon(8))]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'definitions_overtaken' },
  });
});

test('a generation counts by what was newest when it was begun, for as long as it is there', async () => {
  await apply(horizon(14));
  await apply(horizon(9), 'globex');
  const generation = await newGeneration(store);
  await apply(horizon(21));
  expect(await definitionsInForce(store)).toEqual(new Map());
  expect(new Map(await definitionsOfGeneration(store, generation))).toEqual(
    new Map([
      ['acme', { ...horizon(14), changes: 1 }],
      ['globex', { ...horizon(9), changes: 1 }],
    ]),
  );
  const filling = await new LiveStore({ ...store, generation }).claim(0, 'rebuild');
  const using = await new LiveStore(store).claim(0, 'worker');
  expect(filling.definitionsOf('acme').changes).toBe(1);
  expect(using.definitionsOf('acme')).toEqual(DEFAULT_DEFINITIONS);
  await switchGeneration(store, { from: 0, to: generation });
  expect((await definitionsInForce(store)).get('acme')?.changes).toBe(1);
  expect(using.definitionsOf('acme')).toEqual(DEFAULT_DEFINITIONS);
  await removeGenerations(store, (one) => one <= generation);
  expect(await definitionsOfGeneration(store, generation)).toEqual(new Map());
});

test('a view says by what its numbers are counted, also while another generation is in use already', async () => {
  const view = new LiveView({ ...store, partitions: PARTITIONS, log, clock: systemClock });
  await view.reload();
  await apply(horizon(14));
  const generation = await newGeneration(store);
  await switchGeneration(store, { from: 0, to: generation });
  expect(view.definitionsOf('acme')).toEqual(DEFAULT_DEFINITIONS);
  await view.reload();
  expect(view.definitionsOf('acme')).toEqual({ ...horizon(14), changes: 1 });
  expect(view.definitionsOf('globex')).toEqual(DEFAULT_DEFINITIONS);
});

test('where nothing was counted definitions are in force at once, elsewhere they wait for a rebuild', async () => {
  await new LiveStore(store).claim(1, 'idle');
  await apply(horizon(14));
  expect(await adoptDefinitions(store, PARTITIONS)).toBe(true);
  expect((await definitionsInForce(store)).get('acme')?.changes).toBe(1);
  await countSomething(1);
  await apply(horizon(21));
  expect(await adoptDefinitions(store, PARTITIONS)).toBe(false);
  expect((await definitionsInForce(store)).get('acme')?.changes).toBe(1);
});

test('definitions that a later version has written end who reads them', async () => {
  await apply(horizon(14));
  const key = `${store.prefix}:{live}:definitions-changes`;
  const inFull = `${formatDefinitions(horizon(14))}not_yet_known: 1\n`;
  await client.hset(key, '1:acme', JSON.stringify({ applied_at: 1, text: '', in_full: inFull }));
  await expect(readNewestDefinitions(store, 'acme')).rejects.toMatchObject({
    code: 'store_corrupt',
  });
});
