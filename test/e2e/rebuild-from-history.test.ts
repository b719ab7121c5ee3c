import { archivedOffsets, currentGeneration, keysOf } from '@kpi/redis';
import { systemClock } from '@kpi/runtime';
import { type VerifyReport, openVerification } from '@kpi/verify';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { logEnds, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { answersFrom, countedAnswers, countedWhile } from '../support/answers.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { type KpiRun, runKpi } from '../support/run-kpi.ts';

const PARTITIONS = 2;
const QUICK = { KPI_ARCHIVE_WAIT_MS: '100' };
const EXIT_REFUSED = 1;

let pipeline: Pipeline;
let stage: Stage;
let answers = 0;

beforeEach(async () => {
  pipeline = await createPipeline(PARTITIONS);
  stage = await createStage(pipeline);
  answers = 0;
});

afterEach(() => stage.close());

/** Records that are no events, and events of a company, in every partition. */
async function publishCompany(seed: number): Promise<void> {
  await pipeline.producer.send(
    Array.from({ length: 6 }, (_, index) => ({
      topic: pipeline.topics.of('lms.course_completed'),
      key: `acme\u001fnobody-${index}`,
      value: Buffer.from('no event'),
    })),
  );
  await pipeline.publish(Array.from({ length: 400 }, eventSource(seed)));
}

/** Answers of people nobody else speaks of, whose number the reader watches. */
async function publishAnswers(count: number): Promise<void> {
  const first = answers;
  answers += count;
  await pipeline.publish(answersFrom(first, count));
}

async function countedOfCompany(): Promise<number> {
  await untilCaughtUp(pipeline);
  const view = pipeline.view();
  await view.reload();
  return countedAnswers(view);
}

/** As retention does it: of every log only the last `kept` records are left. */
async function expire(kept: number): Promise<void> {
  const admin = pipeline.kafka.admin();
  await admin.connect();
  for (const [place, end] of await logEnds(pipeline)) {
    const [topic = '', partition = ''] = place.split(':');
    // Only after this call the client knows who leads the topic.
    await admin.fetchTopicOffsets(topic);
    const offset = String(Math.max(0, end - kept));
    await admin.deleteTopicRecords({
      topic,
      partitions: [{ partition: Number(partition), offset }],
    });
  }
  await admin.disconnect();
}

function kpi(...args: readonly string[]): Promise<KpiRun> {
  return runKpi(pipeline, args);
}

async function verified(): Promise<VerifyReport> {
  const { config, log } = pipeline;
  await untilCaughtUp(pipeline);
  const verification = await openVerification({ config, log, clock: systemClock });
  try {
    return await verification.againstHistory();
  } finally {
    await verification.close();
  }
}

interface LiveCounts {
  readonly partition: number;
  readonly offsets: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

function withoutRefusals({ counts, ...rest }: LiveCounts): LiveCounts {
  const events = Object.entries(counts).filter(([name]) => !name.startsWith('refused:'));
  return { ...rest, counts: Object.fromEntries(events) };
}

function refusalsOf(all: readonly LiveCounts[]): readonly unknown[] {
  return all.flatMap(({ partition, counts }) =>
    Object.entries(counts).flatMap(([name, count]) =>
      name.startsWith('refused:') ? [[partition, name, count]] : [],
    ),
  );
}

/** What the live store has counted of each topic and partition: events, refused records, and up to where. */
async function liveCounts(): Promise<readonly LiveCounts[]> {
  const view = pipeline.view();
  await view.reload();
  return view.positions().map(({ partition, offsets, counts }) => ({
    partition,
    offsets: Object.fromEntries(offsets),
    counts: Object.fromEntries([...counts].filter(([, count]) => count > 0)),
  }));
}

test('without the beginning of the log a store is rebuilt from history under load, and readers never see less', async () => {
  await stage.start(['aggregate', 'archive'], QUICK);
  await publishCompany(1);
  const base = await countedOfCompany();
  await publishAnswers(200);
  await untilCaughtUp(pipeline);
  const before = refusalsOf(await liveCounts());
  expect(before.length).toBeGreaterThan(0);
  await expire(1);
  const refused = await kpi('rebuild');
  expect(refused.code).toBe(EXIT_REFUSED);
  expect(refused.output).toContain('[offset_lost] the log of topic');
  expect(refused.output).toContain('kpi rebuild --from clickhouse');
  const view = pipeline.view();
  await view.open();
  try {
    await until('all is counted', () => countedAnswers(view) === base + answers);
    const { seen, result: rebuilt } = await countedWhile(view, {
      load: () => publishAnswers(5),
      work: () => kpi('rebuild', '--from', 'clickhouse', '--json'),
    });
    expect(rebuilt.output).toContain('"generation": 1');
    expect(rebuilt.output).toContain(`"takenOver": ${PARTITIONS}`);
    expect(rebuilt.code).toBe(0);
    await until(
      'all is counted',
      () => view.generation === 1 && countedAnswers(view) === base + answers,
    );
    expect(seen.filter((count, index) => count < (seen[index - 1] ?? 0))).toEqual([]);
    expect(seen.length).toBeGreaterThan(20);
  } finally {
    await view.close();
  }
  expect(refusalsOf(await liveCounts())).toEqual(before);
  // The same events once more, and answers that are new.
  await publishCompany(1);
  await publishAnswers(5);
  const report = await verified();
  expect(report.disagreements).toEqual([]);
  expect(report).toMatchObject({ isClean: true });
  expect(report.questions).toBeGreaterThan(10);
  expect(stage.failures).toEqual([]);
});

test('an emptied Redis is filled from history, and what comes then counts once', async () => {
  await stage.start(['aggregate', 'archive'], QUICK);
  await publishCompany(2);
  const base = await countedOfCompany();
  await publishAnswers(50);
  await untilCaughtUp(pipeline);
  const before = await liveCounts();
  await stage.stop('aggregate');
  await stage.stop('archive');
  await expire(1);
  for (const key of await keysOf(pipeline.redis, `${pipeline.config.KPI_REDIS_PREFIX}:*`))
    await pipeline.redis.unlink(key);
  const early = await kpi('rebuild', '--from', 'clickhouse');
  expect(early.output).toContain('[history_incomplete]');
  expect(early.output).toContain('start the archive first');
  expect(early.code).toBe(EXIT_REFUSED);
  // The archive makes its ledger anew from what history holds; refused records have left nothing there.
  await stage.start(['archive'], QUICK);
  await until('the ledger is anew', async () => {
    const archived = await archivedOffsets(pipeline.redis, pipeline.config);
    return [...(await logEnds(pipeline))].every(([place, end]) => archived.get(place) === end);
  });
  const rebuilt = await kpi('rebuild', '--from', 'clickhouse');
  expect(rebuilt.code, rebuilt.output).toBe(0);
  expect(await liveCounts()).toEqual(before.map(withoutRefusals));
  await stage.start(['aggregate']);
  await publishCompany(2);
  await publishAnswers(10);
  await untilCaughtUp(pipeline);
  const view = pipeline.view();
  await view.reload();
  expect(countedAnswers(view)).toBe(base + answers);
  expect(stage.failures).toEqual([]);
});

test('what neither history nor the log holds is named, and nothing is changed', async () => {
  await stage.start(['aggregate', 'archive'], QUICK);
  await publishCompany(3);
  await untilCaughtUp(pipeline);
  await stage.stop('archive');
  await publishCompany(4);
  await until('the live store has all', async () => {
    const view = pipeline.view();
    await view.reload();
    const ends = await logEnds(pipeline);
    return [...ends].every(([place, end]) => view.bound()[place] === end);
  });
  await expire(1);
  const { code, output } = await kpi('rebuild', '--from', 'clickhouse');
  expect(code).toBe(EXIT_REFUSED);
  expect(output).toMatch(
    /\[history_incomplete\] of topic \S+, partition \d, history is complete up to offset \d+ and the log begins at \d+: \d+ offsets are in neither/,
  );
  const { config, redis } = pipeline;
  const prefix = config.KPI_REDIS_PREFIX;
  expect(await currentGeneration({ client: redis, prefix })).toBe(0);
  expect(await keysOf(redis, `${prefix}:{p*}:g*`)).toEqual([]);
});
