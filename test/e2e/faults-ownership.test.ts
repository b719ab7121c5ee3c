import { DeltaSheet } from '@kpi/core';
import {
  ArchiveLedger,
  type BatchWrite,
  LiveStore,
  LiveView,
  type OwnedPartition,
  type RedisClient,
  archivedOffsets,
  closeRedis,
  createRedis,
  keysOf,
  removeKeys,
} from '@kpi/redis';
import {
  ENGINE_OPTIONS,
  type EngineConfig,
  createLog,
  readConfig,
  systemClock,
} from '@kpi/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { takeSnapshot } from '../faults/redis-snapshot.ts';
import { type EngineProxy, openProxy } from '../faults/engine-proxy.ts';
import { uniqueNames } from '../support/unique-names.ts';

const TOPIC = 'kpi.lms.v1';
const log = createLog({ name: 'test', level: 'silent' });

let config: EngineConfig;
let redis: RedisClient;
let proxy: EngineProxy;
let distant: RedisClient;

beforeEach(async () => {
  const environment = { ...process.env, ...uniqueNames(), KPI_PARTITIONS: '1' };
  config = readConfig(z.object(ENGINE_OPTIONS), environment);
  redis = await createRedis(config, log);
  proxy = await openProxy(config.KPI_REDIS_URL);
  distant = await createRedis({ KPI_REDIS_URL: proxy.url }, log);
});

afterEach(async () => {
  await closeRedis(distant);
  await proxy.close();
  await removeKeys(redis, `${config.KPI_REDIS_PREFIX}:*`);
  await closeRedis(redis);
});

function claim(client = redis): Promise<OwnedPartition> {
  return new LiveStore({ client, prefix: config.KPI_REDIS_PREFIX }).claim(0, 'test');
}

/** A batch of one event that adds 1 to a series. */
function batch(expected: number | undefined, series: string): BatchWrite {
  const sheet = new DeltaSheet();
  sheet.add(['acme', 'csat_score', 'responses', '0', series].join('\u001f'), 1_000, 1);
  return {
    topic: TOPIC,
    expected,
    next: (expected ?? 0) + 1,
    sheet,
    homes: new Map(),
    statements: [],
    sources: new Map([['["acme","survey.response_submitted","test"]', 1]]),
    counts: new Map([[`events:${TOPIC}`, 1]]),
  };
}

/** Everything stored, by key, but for who owns it. */
async function stored(): Promise<Readonly<Record<string, unknown>>> {
  const prefix = `${config.KPI_REDIS_PREFIX}:{p0}`;
  const owner = await redis.hgetall(`${prefix}:owner`);
  const { epoch: _epoch, worker: _worker, ...progress } = owner;
  return {
    progress,
    series: await redis.hgetall(`${prefix}:series`),
    deltas: await redis.hgetall(`${prefix}:deltas`),
    changes: await redis.xlen(`${prefix}:changes`),
    keys: (await keysOf(redis, `${prefix}:*`)).toSorted(),
  };
}

/** Sums of the steps by the last part of a series' name. */
async function sums(owned: OwnedPartition): Promise<Readonly<Record<string, number>>> {
  const steps = await owned.steps();
  return Object.fromEntries(steps.map(([name, , weight]) => [name.split('\u001f').at(-1), weight]));
}

describe('the live store', () => {
  test('an owner that was replaced is refused, and nothing of its batch is written', async () => {
    const older = await claim();
    await older.apply(batch(undefined, 'a'));
    const newer = await claim();
    const before = await stored();
    await expect(older.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'ownership_lost' });
    await expect(older.addDeltas(batch(1, 'b').sheet)).rejects.toMatchObject({
      code: 'ownership_lost',
    });
    expect(await stored()).toEqual(before);
    await newer.apply(batch(1, 'c'));
    expect(await sums(newer)).toEqual({ a: 1, c: 1 });
  });

  test('a batch that is applied twice counts once, and what follows goes on', async () => {
    const owned = await claim();
    await owned.apply(batch(undefined, 'a'));
    const before = await stored();
    await owned.apply(batch(undefined, 'a'));
    expect(await stored()).toEqual(before);
    await owned.addDeltas(batch(1, 'b').sheet);
    await owned.apply(batch(1, 'c'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1, c: 1 });
  });

  test('a batch whose offset is not the stored one is refused whole', async () => {
    const owned = await claim();
    await owned.apply(batch(undefined, 'a'));
    const before = await stored();
    for (const expected of [undefined, 3, 7]) {
      const wrong = { ...batch(expected, 'b'), next: 9 };
      await expect(owned.apply(wrong)).rejects.toMatchObject({
        code: 'store_corrupt',
        message: expect.stringContaining(TOPIC),
      });
    }
    expect(await stored()).toEqual(before);
  });

  test('an answer that was lost on its way does not count a batch twice', async () => {
    const owned = await claim(distant);
    await owned.apply(batch(undefined, 'a'));
    const lost = proxy.loseAnswer('evalsha');
    await owned.apply(batch(1, 'b'));
    await lost;
    await owned.addDeltas(batch(2, 'c').sheet);
    await owned.apply(batch(2, 'd'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
    expect(await stored()).toMatchObject({
      progress: { [`offset:${TOPIC}`]: '3', [`events:${TOPIC}`]: '3', sequence: '4' },
    });
  });

  test('an answer that was lost with the connection for good: the repetition finds what is stored', async () => {
    const owned = await claim(distant);
    await owned.apply(batch(undefined, 'a'));
    const lost = proxy.loseAnswer('evalsha').then(() => proxy.cut());
    await expect(owned.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'store_unreachable' });
    await lost;
    await proxy.restore();
    await owned.catchUp();
    await owned.apply(batch(1, 'b'));
    await owned.addDeltas(batch(2, 'c').sheet);
    await owned.apply(batch(2, 'd'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
    // One change more than those four, by which the write cannot come any more.
    expect(await stored()).toMatchObject({ progress: { [`events:${TOPIC}`]: '3', sequence: '5' } });
    expect(Object.keys(await redis.hgetall(`${config.KPI_REDIS_PREFIX}:{p0}:series`))).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
  });

  test('a connection whose other end is gone without a word is replaced', async () => {
    const owned = await claim(distant);
    await owned.apply(batch(undefined, 'a'));
    proxy.silence();
    await expect(owned.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'store_unreachable' });
    await owned.catchUp();
    await owned.apply(batch(1, 'b'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1 });
  });

  test('after a write whose outcome is unknown nothing is written before somebody looked', async () => {
    const owned = await claim(distant);
    await owned.apply(batch(undefined, 'a'));
    await proxy.cut();
    await expect(owned.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'store_unreachable' });
    await expect(owned.catchUp()).rejects.toMatchObject({ code: 'store_unreachable' });
    await proxy.restore();
    const before = await stored();
    await expect(owned.apply(batch(1, 'b'))).rejects.toThrow(RangeError);
    await expect(owned.addDeltas(batch(1, 'b').sheet)).rejects.toThrow(RangeError);
    expect(await stored()).toEqual(before);
    await owned.catchUp();
    await owned.apply(batch(1, 'b'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1 });
  });

  test('the very first write of a partition may be one whose outcome is unknown', async () => {
    const owned = await claim(distant);
    const lost = proxy.loseAnswer('evalsha').then(() => proxy.cut());
    await expect(owned.apply(batch(undefined, 'a'))).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    await lost;
    await proxy.restore();
    await owned.catchUp();
    await owned.apply(batch(undefined, 'a'));
    await owned.apply(batch(1, 'b'));
    expect(await sums(owned)).toEqual({ a: 1, b: 1 });
  });

  test('a write that is lost while another takes over is refused when it is repeated', async () => {
    const older = await claim(distant);
    await older.apply(batch(undefined, 'a'));
    await proxy.cut();
    await expect(older.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'store_unreachable' });
    const newer = await claim();
    await newer.apply(batch(1, 'c'));
    await proxy.restore();
    await expect(older.catchUp()).rejects.toMatchObject({ code: 'ownership_lost' });
    expect(await sums(newer)).toEqual({ a: 1, c: 1 });
  });

  test('an owner that finds the store emptied does not go on', async () => {
    const owned = await claim();
    await owned.apply(batch(undefined, 'a'));
    await removeKeys(redis, `${config.KPI_REDIS_PREFIX}:*`);
    await expect(owned.confirm()).rejects.toMatchObject({ code: 'store_set_back' });
    await expect(owned.apply(batch(1, 'b'))).rejects.toMatchObject({ code: 'store_set_back' });
  });

  test('an owner notices changes that the store lost, also those of another topic', async () => {
    const owned = await claim();
    await owned.apply(batch(undefined, 'a'));
    const replica = await takeSnapshot(redis, `${config.KPI_REDIS_PREFIX}:{p0}`);
    await owned.apply(batch(1, 'b'));
    await owned.confirm();
    await replica.restore();
    const before = await stored();
    await expect(owned.confirm()).rejects.toMatchObject({ code: 'store_set_back' });
    const other = { ...batch(undefined, 'c'), topic: 'kpi.lms.v1' };
    await expect(owned.apply(other)).rejects.toMatchObject({ code: 'store_set_back' });
    await expect(owned.catchUp()).rejects.toMatchObject({ code: 'store_set_back' });
    expect(await stored()).toEqual(before);
  });

  test('a reader that follows sees what the owner wrote, across owners and repetitions', async () => {
    const view = new LiveView({
      client: redis,
      prefix: config.KPI_REDIS_PREFIX,
      partitions: 1,
      log,
      clock: systemClock,
    });
    const older = await claim(distant);
    await older.apply(batch(undefined, 'a'));
    await view.open();
    const lost = proxy.loseAnswer('evalsha');
    await older.apply(batch(1, 'b'));
    await lost;
    const newer = await claim();
    await newer.apply(batch(2, 'c'));
    await expect
      .poll(() => view.positions()[0]?.counts.get(`events:${TOPIC}`), { timeout: 10_000 })
      .toBe(3);
    expect(view.bound()).toEqual({ [`${TOPIC}:0`]: 3 });
    await view.close();
  });
});

describe('the archive ledger', () => {
  const plan = (from: number, to: number) => ({
    ranges: [{ topic: TOPIC, from, to }],
    erasures: 0,
  });
  const leftOut = { refused: new Map([[TOPIC, 1]]), erased: new Map() };
  const ledger = (client = redis): ArchiveLedger =>
    new ArchiveLedger({ client, prefix: config.KPI_REDIS_PREFIX });

  test('an archivist that was replaced can neither plan nor commit', async () => {
    const older = await ledger().claim(0, 'older');
    await older.plan(plan(0, 5));
    const newer = await ledger().claim(0, 'newer');
    expect(newer.unfinished).toEqual(plan(0, 5));
    await expect(older.commit(plan(0, 5), leftOut)).rejects.toMatchObject({
      code: 'ownership_lost',
    });
    await expect(older.plan(plan(5, 9))).rejects.toMatchObject({ code: 'ownership_lost' });
    expect(await archivedOffsets(redis, config)).toEqual(new Map());
    await newer.commit(plan(0, 5), leftOut);
    expect(await archivedOffsets(redis, config)).toEqual(new Map([[`${TOPIC}:0`, 5]]));
  });

  test('only the plan in hand can be carried out, and a repetition changes nothing', async () => {
    const archivist = await ledger().claim(0, 'one');
    await archivist.plan(plan(0, 5));
    await archivist.plan(plan(0, 5));
    await expect(archivist.plan(plan(0, 6))).rejects.toMatchObject({ code: 'store_corrupt' });
    await archivist.commit(plan(0, 5), leftOut);
    await archivist.commit(plan(0, 5), leftOut);
    const key = `${config.KPI_REDIS_PREFIX}:{a0}:archive`;
    expect(await redis.hget(key, `refused:${TOPIC}`)).toBe('1');
  });

  test('an archivist notices that the ledger forgot a commit', async () => {
    const archivist = await ledger().claim(0, 'one');
    await archivist.plan(plan(0, 5));
    const replica = await takeSnapshot(redis, `${config.KPI_REDIS_PREFIX}:{a0}`);
    await archivist.commit(plan(0, 5), leftOut);
    await archivist.confirm();
    await replica.restore();
    await expect(archivist.confirm()).rejects.toMatchObject({ code: 'store_set_back' });
    await expect(archivist.plan(plan(5, 9))).rejects.toMatchObject({ code: 'store_set_back' });
    const next = await ledger().claim(0, 'one again');
    expect(next.unfinished).toEqual(plan(0, 5));
  });

  test('a commit whose answer was lost counts refusals once', async () => {
    const archivist = await ledger(distant).claim(0, 'one');
    await archivist.plan(plan(0, 5));
    const lost = proxy.loseAnswer('evalsha');
    await archivist.commit(plan(0, 5), leftOut);
    await lost;
    const next = await ledger().claim(0, 'two');
    expect(next.offsets).toEqual(new Map([[TOPIC, 5]]));
    expect(next.unfinished).toBeUndefined();
    const key = `${config.KPI_REDIS_PREFIX}:{a0}:archive`;
    expect(await redis.hget(key, `refused:${TOPIC}`)).toBe('1');
  });
});
