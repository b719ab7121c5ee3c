import { type KpiEvent } from '@kpi/core';
import { parsePlace } from '@kpi/redis';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { logEnds, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { startTied } from '../support/tied-process.ts';

const SERVICES = ['aggregate', 'archive'] as const;
const END_MS_MAX = 60_000;

let pipeline: Pipeline;
let stage: Stage;

beforeEach(async () => {
  pipeline = await createPipeline(1);
  stage = await createStage(pipeline);
});

afterEach(() => stage.close());

function events(seed: number): readonly KpiEvent[] {
  return Array.from({ length: 200 }, eventSource(seed));
}

/** As retention does it: everything but the last record of each topic is gone. */
async function expire(): Promise<ReadonlyMap<string, number>> {
  const admin = pipeline.kafka.admin();
  await admin.connect();
  const starts = new Map<string, number>();
  for (const [place, end] of await logEnds(pipeline)) {
    const { topic } = parsePlace(place);
    starts.set(topic, end - 1);
    // Only after this call the client knows who leads the topic.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: [{ partition: 0, offset: String(end - 1) }],
    });
  }
  await admin.disconnect();
  return starts;
}

/** Run a service's main program until it ends by itself. */
async function run(service: string): Promise<{ code: number; output: string }> {
  const environment = Object.fromEntries(
    Object.entries(stage.environment).map(([name, value]) => [name, value ?? '']),
  );
  const program = await startTied({ program: `services/${service}/src/main.ts`, environment });
  let hasEnded = false;
  const ended = program.ended.finally(() => (hasEnded = true));
  try {
    await until(`${service} has ended: ${program.output()}`, () => hasEnded, END_MS_MAX);
    return { code: await ended, output: program.output() };
  } finally {
    await program.stop();
  }
}

/** What the fatal line says about the first topic that cannot be continued. */
function complaint(output: string): {
  topic: string;
  position: number;
  start: number;
  end: number;
} {
  const found =
    /\[offset_lost\] the position (\d+) in partition 0 of topic (\S+) is outside the log, which holds (\d+) to (\d+); rebuild from ClickHouse/.exec(
      output,
    );
  const [, position, topic = '', start, end] = found ?? [];
  return { topic, position: Number(position), start: Number(start), end: Number(end) };
}

test.each(SERVICES)(
  '%s: what it has not read yet is gone from the log: it ends and says what to do',
  async (service) => {
    await pipeline.publish(events(1));
    await stage.start(SERVICES);
    await untilCaughtUp(pipeline);
    const reached = await logEnds(pipeline);
    for (const name of SERVICES) await stage.stop(name);
    await pipeline.publish(events(2));
    const starts = await expire();
    const { code, output } = await run(service);
    expect(code).toBe(1);
    const said = complaint(output);
    expect(said.position).toBe(reached.get(`${said.topic}:0`));
    expect(said.start).toBe(starts.get(said.topic));
    expect(said.end).toBe(said.start + 1);
    expect(stage.failures).toEqual([]);
  },
);

test('aggregate: an empty store and a log without its beginning would be a wrong number', async () => {
  await pipeline.publish(events(1));
  const starts = await expire();
  const { code, output } = await run('aggregate');
  expect(code).toBe(1);
  const said = complaint(output);
  expect(said).toMatchObject({ position: 0, start: starts.get(said.topic) });
});
