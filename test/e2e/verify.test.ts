import { type AggregateConfig, aggregateOptions, start as startAggregate } from '@kpi/aggregate';
import { type ArchiveConfig, archiveOptions, start as startArchive } from '@kpi/archive';
import { createHistory } from '@kpi/clickhouse';
import { MINUTE_MS } from '@kpi/core';
import { archivedOffsets } from '@kpi/redis';
import {
  type Service,
  type ServiceContext,
  createMetrics,
  readConfig,
  systemClock,
} from '@kpi/runtime';
import { type Verification, openVerification } from '@kpi/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

const ANSWERS = 40;

let pipeline: Pipeline;
let verification: Verification;
const running: Service[] = [];

beforeAll(async () => {
  pipeline = await createPipeline(2);
  const { config, environment, log } = pipeline;
  const history = createHistory(config, log);
  await history.migrate();
  await history.close();
  const context = (): ServiceContext => ({
    log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: () => undefined,
  });
  const aggregate: AggregateConfig = readConfig(aggregateOptions, environment);
  const archive: ArchiveConfig = readConfig(archiveOptions, {
    ...environment,
    KPI_ARCHIVE_WAIT_MS: '100',
  });
  running.push(await startAggregate(aggregate, context()), await startArchive(archive, context()));
  await pipeline.publish(
    Array.from({ length: ANSWERS }, (_, user) =>
      event('survey.response_submitted', {
        event_id: `answer-${user}`,
        occurred_at: Date.now() - MINUTE_MS,
        user_id: `u${user}`,
        score: 1 + (user % 5),
      }),
    ),
  );
  await until('everything is archived', async () => {
    const archived = await archivedOffsets(pipeline.redis, config);
    return [...archived.values()].reduce((sum, offset) => sum + offset, 0) === ANSWERS;
  });
  verification = await openVerification({ config, log, clock: systemClock });
});

afterAll(async () => {
  for (const service of running) await service.close();
  await verification.close();
  await pipeline.close();
});

/** Any one delta of the live store. */
async function someDelta(): Promise<{ readonly key: string; readonly field: string }> {
  for (const partition of [0, 1]) {
    const key = `${pipeline.config.KPI_REDIS_PREFIX}:{p${partition}}:deltas`;
    const [field] = await pipeline.redis.hkeys(key);
    if (field !== undefined) return { key, field };
  }
  throw new Error('the live store has no deltas');
}

test('stores that agree are clean, against history and against the log', async () => {
  const [history, log] = [await verification.againstHistory(), await verification.againstLog()];
  expect(history).toMatchObject({ isClean: true, disagreements: [], tenants: ['acme'] });
  expect(history.partitions.reduce((sum, one) => sum + one.rows, 0)).toBe(ANSWERS);
  expect(log).toMatchObject({ isClean: true, events: ANSWERS, refused: 0 });
});

test('a single delta that is off by one is found, by history and by the log', async () => {
  const { key, field } = await someDelta();
  await pipeline.redis.hincrby(key, field, 1);
  const [history, log] = [await verification.againstHistory(), await verification.againstLog()];
  await pipeline.redis.hincrby(key, field, -1);
  expect(history.isClean).toBe(false);
  expect(history.disagreements.every(({ query }) => query.kpiId === 'csat_score')).toBe(true);
  expect(log.isClean).toBe(false);
});

test('a record that was counted but has no row is found', async () => {
  const key = `${pipeline.config.KPI_REDIS_PREFIX}:{p0}:owner`;
  const count = `events:${pipeline.topics.of('survey.response_submitted')}`;
  await pipeline.redis.hincrby(key, count, 1);
  const history = await verification.againstHistory();
  await pipeline.redis.hincrby(key, count, -1);
  expect(history.isClean).toBe(false);
  expect(history.partitions.filter((one) => !one.isEqual)).toHaveLength(1);
});
