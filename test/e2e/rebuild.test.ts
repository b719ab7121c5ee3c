import { randomUUID } from 'node:crypto';

import { aggregateOptions, start as startAggregate } from '@kpi/aggregate';
import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { createTeller, rebuild } from '@kpi/live';
import { currentGeneration, isOutdated, keysOf } from '@kpi/redis';
import { type Service, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { answersFrom, countedAnswers, countedWhile } from '../support/answers.ts';
import { type Pipeline, createPipeline, erasedOf, historyOf, until } from '../support/pipeline.ts';

const PARTITIONS = 2;

let pipeline: Pipeline;
let running: Service[] = [];
let sent = 0;

beforeEach(async () => {
  pipeline = await createPipeline(PARTITIONS);
  sent = 0;
});

afterEach(async () => {
  for (const service of running) await service.close();
  running = [];
  await pipeline.close();
});

async function startWorker(): Promise<void> {
  const { environment, log } = pipeline;
  const context = {
    log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error: unknown) => failures.push(error),
  };
  running.push(await startAggregate(readConfig(aggregateOptions, environment), context));
}

const failures: unknown[] = [];

/** One answer more, by a user of its own. */
async function publish(count: number): Promise<void> {
  const first = sent;
  sent += count;
  await pipeline.publish(answersFrom(first, count));
}

function runRebuild(
  more: { readonly signal?: AbortSignal; readonly handOverMsMax?: number } = {},
): ReturnType<typeof rebuild> {
  const { config, redis, kafka, topics, producer, log } = pipeline;
  return rebuild({
    client: redis,
    prefix: config.KPI_REDIS_PREFIX,
    partitions: PARTITIONS,
    kafka,
    topics: topics.input,
    factsTopic: topics.facts,
    tell: createTeller({ producer, topic: topics.facts, partitions: PARTITIONS }),
    decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock }),
    groupId: `${config.KPI_TOPIC_PREFIX}rebuild-${randomUUID()}`,
    erased: erasedOf(pipeline),
    history: historyOf(pipeline),
    log,
    clock: systemClock,
    ...more,
  });
}

/** Make every number of the live store wrong, as a fault of ours would. */
async function damage(): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const key = `${pipeline.config.KPI_REDIS_PREFIX}:{p${partition}}:deltas`;
    for (const field of await pipeline.redis.hkeys(key))
      await pipeline.redis.hincrby(key, field, 7);
  }
}

test('while a store is rebuilt under load readers never see less than before, and then all', async () => {
  await startWorker();
  await publish(300);
  const view = pipeline.view();
  await view.open();
  try {
    await until('all is counted', () => countedAnswers(view) === sent);
    const { seen, result } = await countedWhile(view, {
      load: () => publish(5),
      work: () => runRebuild(),
    });
    expect(result).toMatchObject({ generation: 1, takenOver: PARTITIONS });
    await until('all is counted', () => view.generation === 1 && countedAnswers(view) === sent);
    expect(seen.filter((count, index) => count < (seen[index - 1] ?? 0))).toEqual([]);
    expect(seen.length).toBeGreaterThan(20);
    expect(failures).toEqual([]);
  } finally {
    await view.close();
  }
});

test('a damaged store is right again, and nothing of it is left', async () => {
  await startWorker();
  await publish(40);
  const view = pipeline.view();
  await view.reload();
  await until('all is counted', async () => {
    await view.reload();
    return countedAnswers(view) === sent;
  });
  await damage();
  await view.reload();
  expect(countedAnswers(view)).not.toBe(sent);
  await runRebuild();
  await view.reload();
  expect(countedAnswers(view)).toBe(sent);
  const { config, redis } = pipeline;
  const old = await keysOf(redis, `${config.KPI_REDIS_PREFIX}:{p*`);
  expect(old.filter((key) => !/\{p\d+\}:g1:/.test(key))).toEqual([]);
  await publish(1);
  await until('the next event is counted by the worker', async () => {
    await view.reload();
    return countedAnswers(view) === sent;
  });
});

test('a store that another version has written is refused, until it is counted anew', async () => {
  const { config, redis } = pipeline;
  const store = { client: redis, prefix: config.KPI_REDIS_PREFIX };
  await startWorker();
  await publish(40);
  const view = pipeline.view();
  const allCounted = async (): Promise<boolean> => {
    await view.reload();
    return countedAnswers(view) === sent;
  };
  await until('all is counted', allCounted);
  await running.pop()?.close();
  expect(await isOutdated(store, PARTITIONS)).toBe(false);
  await redis.hset(`${store.prefix}:{p0}:owner`, 'format', '1');
  expect(await isOutdated(store, PARTITIONS)).toBe(true);

  await startWorker();
  await until('it is refused', () => failures.length > 0);
  expect(failures.splice(0)).toMatchObject([{ code: 'store_outdated' }]);
  await running.pop()?.close();

  await runRebuild({ handOverMsMax: 0 });
  expect(await isOutdated(store, PARTITIONS)).toBe(false);
  await startWorker();
  await publish(1);
  await until('the next event is counted', allCounted);
  expect(failures).toEqual([]);
});

test('a rebuild that is stopped changes nothing and leaves nothing', async () => {
  await startWorker();
  await publish(40);
  const stopped = AbortSignal.abort();
  await expect(runRebuild({ signal: stopped })).rejects.toMatchObject({ code: 'rebuild_aborted' });
  const { config, redis } = pipeline;
  const prefix = config.KPI_REDIS_PREFIX;
  expect(await currentGeneration({ client: redis, prefix })).toBe(0);
  expect(await keysOf(redis, `${prefix}:{p*}:g*`)).toEqual([]);
});

test('without a running worker the rebuilt store waits for one', async () => {
  await publish(40);
  const report = await runRebuild({ handOverMsMax: 1_000 });
  expect(report).toMatchObject({ records: 40, takenOver: 0 });
  const view = pipeline.view();
  await view.reload();
  expect(countedAnswers(view)).toBe(sent);
  await startWorker();
  await publish(1);
  await until('the next event is counted', async () => {
    await view.reload();
    return countedAnswers(view) === sent;
  });
});
