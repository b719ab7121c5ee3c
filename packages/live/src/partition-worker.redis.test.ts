import { randomBytes } from 'node:crypto';

import { DEFAULT_DEFINITIONS, Fault, HOUR_MS } from '@kpi/core';
import { LiveStore, type RedisClient, closeRedis, createRedis, removeKeys } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { planBatch } from './batch-plan.ts';
import { type DecodedBatch, PartitionWorker } from './partition-worker.ts';
import { ENVELOPE, HOME, action, batchOf, placed } from './test-batches.ts';

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
  return new PartitionWorker({
    owned,
    partition: 0,
    history: { read: () => Promise.resolve(new Map()), isErased: () => false },
    homesCached: 10,
    tell: () => Promise.resolve(),
    clock: () => 0,
  });
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

/** One completed run of a course: it makes series of its own. */
function completion(next: number, course: string): DecodedBatch {
  const event = {
    ...ENVELOPE,
    event_id: course,
    event_type: 'lms.course_completed',
    course_id: course,
    course_version: '1',
    success: true,
    score_scaled: null,
    manual: false,
  } as const;
  return batchOf(TOPIC, placed(event, next - 1));
}

test('an owner that was displaced does not take series of its successor for damage when it folds', async () => {
  const displaced = await openWorker();
  await displaced.apply(completion(1, 'basics'), 0);
  const successor = await openWorker();
  await successor.apply(completion(2, 'advanced'), 0);
  const later = ENVELOPE.occurred_at + 24 * HOUR_MS;
  // The first call says when it is due.
  await displaced.foldWhenDue(later - HOUR_MS);
  await successor.foldWhenDue(later - HOUR_MS);
  await expect(displaced.foldWhenDue(later)).rejects.toMatchObject({ code: 'ownership_lost' });
  await successor.foldWhenDue(later);
});

test('a home that is made anew while a batch of it waits for its answer keeps what that says', async () => {
  const owned = await new LiveStore({ client: redis, prefix }).claim(0, 'test');
  const batches = [undoing(1), completion(2, 'basics')] as const;
  const asked: PromiseWithResolvers<void>[] = [];
  const read = async (positions: ReadonlyMap<string, number>) => {
    const turn = Promise.withResolvers<void>();
    asked.push(turn);
    await turn.promise;
    const before = batches
      .flatMap(({ events }) => events)
      .filter(({ offset }) => offset < (positions.get(TOPIC) ?? 0));
    return planBatch(before, () => DEFAULT_DEFINITIONS);
  };
  const worker = new PartitionWorker({
    owned,
    partition: 0,
    history: { read: ({ positions }) => read(positions), isErased: () => false },
    homesCached: 10,
    tell: () => Promise.resolve(),
    clock: () => 0,
  });
  await worker.apply(batches[0], 0);
  expect(worker.stale).toBe(1);
  const apply = owned.apply.bind(owned);
  vi.spyOn(owned, 'apply').mockImplementationOnce(async (batch) => {
    await apply(batch);
    throw new Fault('store_unreachable', 'the answer was lost');
  });
  await expect(worker.apply(batches[1], 0)).rejects.toMatchObject({ code: 'store_unreachable' });
  asked[0]?.resolve();
  // It is asked again, because nobody knew.
  await expect.poll(() => asked.length).toBe(2);
  await worker.apply(batches[1], 0);
  asked[1]?.resolve();
  await worker.settled(new AbortController().signal);
  const [home] = await owned.loadHomes([HOME]);
  expect([...(home?.entities() ?? [])].filter((entity) => entity.includes('basics'))).toHaveLength(
    1,
  );
  await worker.close();
});

/** Takes an action back that is not known. */
function undoing(next: number): DecodedBatch {
  const event = action('open', 'undo', { retracts: 'done' });
  return batchOf(TOPIC, placed(event, next - 1));
}
