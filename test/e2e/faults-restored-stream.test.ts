import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { takeSnapshot } from '../faults/redis-snapshot.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { BoardReader, totalAddress } from '../faults/values-reader.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { DAY_MS } from '@kpi/core';

const CSAT = totalAddress('csat_score', 7 * DAY_MS);

let pipeline: Pipeline;
let stage: Stage;
let api: ApiService;

beforeEach(async () => {
  pipeline = await createPipeline(1);
  stage = await createStage(pipeline);
  await stage.start(['aggregate']);
  api = await startApi(readConfig(apiOptions, stage.environment), {
    log: pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
});

afterEach(async () => {
  await api.close();
  await stage.close();
});

function answer(number: number) {
  return event('survey.response_submitted', {
    event_id: `answer-${number}`,
    instance_id: `instance-${number}`,
    user_id: `u${number}`,
    occurred_at: Date.now() - 60_000,
  });
}

/** Follows the API's stream of one KPI and keeps what it says. */
function followStream(url: string): { readonly said: () => string; stop(): void } {
  const stop = new AbortController();
  let said = '';
  const read = async (): Promise<void> => {
    const response = await fetch(`${url}/v1/stream?kpi=csat_score&window=7d&by=&snapshot=true`, {
      headers: { 'kpi-tenant': 'acme' },
      signal: stop.signal,
    });
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      said += chunk;
  };
  void read().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return { said: () => said, stop: () => stop.abort() };
}

test('the board of values is set back under an evaluator and an open stream: both go on, and the stream ends at the right value', async () => {
  const board = new BoardReader(pipeline);
  const stream = followStream(api.url ?? '');
  const counted = async (count: number): Promise<void> =>
    until(
      `${count} answers are on the board`,
      async () => (await board.current(CSAT))?.n === count,
    );
  await pipeline.publish([answer(1)]);
  await counted(1);
  const snapshot = await takeSnapshot(
    pipeline.redis,
    `${pipeline.config.KPI_REDIS_PREFIX}:{values}`,
  );
  await pipeline.publish([answer(2), answer(3)]);
  await counted(3);
  await until('the stream has told it', () => stream.said().includes('"n":3'));

  const heard = stream.said().length;
  await snapshot.restore();
  await until(
    'the evaluator has put the board right',
    async () => (await board.current(CSAT))?.n === 3,
  );
  await until('the stream began anew', () => stream.said().slice(heard).includes('event: reset'));
  await until('and told the right value', () => stream.said().lastIndexOf('"n":3') > heard);
  await pipeline.publish([answer(4)]);
  await until('the stream goes on', () => stream.said().includes('"n":4'));
  stream.stop();
  expect(stage.failures).toEqual([]);
});
