import { type LiveView, removeKeys } from '@kpi/redis';
import { compareRows, liveQuestions } from '@kpi/verify';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Audit, audit, logEnds, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { takeSnapshot } from '../faults/redis-snapshot.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

const SERVICES = ['aggregate', 'archive'] as const;
const EVENTS = 400;

let pipeline: Pipeline;
let stage: Stage;
let follower: LiveView;
let next: ReturnType<typeof eventSource>;

beforeEach(async () => {
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
  follower = pipeline.view();
  await follower.open();
  next = eventSource(11);
});

afterEach(async () => {
  await follower.close();
  await stage.close();
});

async function publishAndCatchUp(): Promise<void> {
  await pipeline.publish(Array.from({ length: EVENTS }, next));
  await untilCaughtUp(pipeline);
}

async function followerAt(offsets: ReadonlyMap<string, number>): Promise<void> {
  await until('the follower has caught up', () => {
    const bound = follower.bound();
    return [...offsets].every(([place, offset]) => bound[place] === offset);
  });
}

/** All that is right: live against the log, rows against records, and a reader that followed through it all. */
async function expectRight(): Promise<void> {
  const found: Audit = await audit(stage);
  expect(found.log.disagreements).toEqual([]);
  expect(found).toMatchObject({
    eventsLive: found.records,
    rows: found.records,
    refused: 0,
    refusedLive: 0,
  });
  await followerAt(await logEnds(pipeline));
  const fresh = pipeline.view();
  await fresh.reload();
  const questions = liveQuestions('acme', {
    definitions: fresh.definitionsOf('acme'),
    nowMs: Date.now(),
  });
  const differences = questions.flatMap((query) =>
    compareRows(follower.read(query), fresh.read(query)),
  );
  expect(differences).toEqual([]);
}

test('a partition of the live store is set back while nobody works: readers notice, the worker replays', async () => {
  await stage.start(SERVICES);
  await publishAndCatchUp();
  const snapshot = await takeSnapshot(pipeline.redis, `${pipeline.config.KPI_REDIS_PREFIX}:{p0}`);
  const before = await logEnds(pipeline);
  await publishAndCatchUp();
  await followerAt(await logEnds(pipeline));
  await stage.stop('aggregate');
  await snapshot.restore();
  await followerAt(new Map([...before].filter(([place]) => place.endsWith(':0'))));
  await stage.start(['aggregate']);
  await untilCaughtUp(pipeline);
  await expectRight();
  expect(stage.failures).toEqual([]);
});

test('a partition of the live store is set back under a worker, which replays', async () => {
  await stage.start(SERVICES);
  await publishAndCatchUp();
  const snapshot = await takeSnapshot(pipeline.redis, `${pipeline.config.KPI_REDIS_PREFIX}:{p0}`);
  await publishAndCatchUp();
  await snapshot.restore();
  await untilCaughtUp(pipeline);
  await expectRight();
  expect(stage.failures).toEqual([]);
});

test('the live store is emptied under a worker, which starts from the log', async () => {
  await stage.start(SERVICES);
  await publishAndCatchUp();
  await removeKeys(pipeline.redis, `${pipeline.config.KPI_REDIS_PREFIX}:{p*`);
  await untilCaughtUp(pipeline);
  await expectRight();
  expect(stage.failures).toEqual([]);
});

test.each([
  ['while nobody works', true],
  ['under the archive', false],
])('the ledger of the archive is set back %s: no row is doubled', async (_when, isStopped) => {
  await stage.start(SERVICES, { KPI_ARCHIVE_WAIT_MS: '50' });
  await publishAndCatchUp();
  const snapshot = await takeSnapshot(pipeline.redis, `${pipeline.config.KPI_REDIS_PREFIX}:{a`);
  await publishAndCatchUp();
  if (isStopped) await stage.stop('archive');
  await snapshot.restore();
  await pipeline.publish(Array.from({ length: EVENTS }, next));
  if (isStopped) await stage.start(['archive']);
  await untilCaughtUp(pipeline);
  await expectRight();
  expect(stage.failures).toEqual([]);
});
