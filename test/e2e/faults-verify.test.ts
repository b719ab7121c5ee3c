import { archiveProgress } from '@kpi/redis';
import { systemClock } from '@kpi/runtime';
import { verify } from '@kpi/verify';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { audit, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
let stage: Stage;

beforeEach(async () => {
  pipeline = await createPipeline(1);
  stage = await createStage(pipeline);
});

afterEach(() => stage.close());

/** The field of the earliest step: every value after it counts it. */
function earliest(fields: readonly string[]): string {
  const boundary = (field: string): number =>
    Number.parseInt(field.slice(field.indexOf(':') + 1), 36);
  return fields.toSorted((a, b) => boundary(a) - boundary(b))[0] ?? '';
}

/** One step of the live store is off by one. */
async function plantStep(): Promise<void> {
  const { redis, config } = pipeline;
  const deltas = `${config.KPI_REDIS_PREFIX}:{p0}:deltas`;
  await redis.hincrby(deltas, earliest(await redis.hkeys(deltas)), 1);
}

/** One record has a second row, which no value shows: it is of 1970, and at its own place hides nothing else. */
async function plantRow(topic: string): Promise<void> {
  const again = event('survey.response_submitted', { event_id: 'again', occurred_at: 1 });
  await pipeline.publish([again]);
  await untilCaughtUp(pipeline);
  const view = pipeline.view();
  await view.reload();
  const next = view.bound()[`${topic}:0`] ?? 0;
  const row = { event: again, topic, partition: 0, offset: next - 1 };
  await stage.history.insertEvents({ rows: [row], token: 'planted' });
}

test('a step that is off by one and a row too many are found', async () => {
  const { redis, config, topics } = pipeline;
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '50' });
  await pipeline.publish(Array.from({ length: 300 }, eventSource(23)));
  expect((await audit(stage)).log.isClean).toBe(true);

  const topic = topics.of('survey.response_submitted');
  await plantRow(topic);
  await plantStep();
  const { log } = await audit(stage);
  expect(log.isClean).toBe(false);
  const differences = log.disagreements.flatMap((one) => one.differences);
  expect(differences).not.toEqual([]);
  for (const { live, history } of differences) expect(live - history).toBe(1n);

  const report = await verify({
    live: pipeline.view(),
    history: stage.history,
    archiveProgress: () => archiveProgress(redis, config),
    topics: topics.input,
    clock: systemClock,
  });
  expect(report.isClean).toBe(false);
  expect(report.disagreements.length).toBe(log.disagreements.length);
  const unequal = report.partitions.filter(({ isEqual }) => !isEqual);
  expect(unequal).toEqual([expect.objectContaining({ topic, partition: 0 })]);
  expect((unequal[0]?.rows ?? 0) - (unequal[0]?.liveEvents ?? 0)).toBe(1);
});
