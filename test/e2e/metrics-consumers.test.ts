import { DAY_MS } from '@kpi/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Stage, createStage, untilUnready } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { createPipeline, until } from '../support/pipeline.ts';

/** What the services count, against what was sent. */
let stage: Stage;

beforeEach(async () => {
  stage = await createStage(await createPipeline(2));
});

afterEach(() => stage.close());

function answer(id: string, occurredAt: number) {
  return event('survey.response_submitted', {
    event_id: id,
    account_id: 'a1',
    user_id: `u-${id}`,
    occurred_at: occurredAt,
    survey_id: 'pulse',
    instance_id: id,
    question_id: 'q1',
    kind: 'csat',
    score: 5,
    scale_min: 1,
    scale_max: 5,
    direction: 'higher_is_better',
  });
}

test('what the consumers count is what was sent', async () => {
  const { pipeline } = stage;
  const topic = pipeline.topics.of('survey.response_submitted');
  const now = Date.now();
  const inTime = [answer('1', now), answer('2', now)];
  const late = [answer('3', now - DAY_MS), answer('4', now - 800 * DAY_MS)];
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '50' });
  await pipeline.publish([...inTime, ...late]);
  await pipeline.publish(inTime);
  await pipeline.producer.send([{ topic, key: 'acme\u001fa1', value: Buffer.from('no event') }]);
  const sent = inTime.length * 2 + late.length;

  const total = (name: string) => stage.metric('aggregate', `kpi_aggregate_${name}`);
  await until('all events are counted', async () => (await total('events_total')) === sent);
  await until('the refused record is counted', async () => (await total('refused_total')) === 1);
  await until('values are published', async () => (await total('values_total')) > 0);
  await until(
    'rows are inserted',
    async () => (await stage.metric('archive', 'kpi_archive_rows_total')) === sent,
  );

  expect(await total('repeated_total')).toBe(inTime.length);
  expect(await total('late_total')).toBe(late.length);
  const series = (name: string) => stage.series('aggregate', `kpi_aggregate_${name}`);
  expect(await series('late_beyond_live_total')).toEqual(
    new Map([
      ['kpi=csat_score', 1],
      ['kpi=nps_score', 1],
      ['kpi=customer_effort_score', 1],
    ]),
  );
  expect(await series('refused_total')).toEqual(new Map([[`topic=${topic} code=avro_invalid`, 1]]));
  expect(await series('publishing')).toEqual(new Map([['', 1]]));
  expect(await series('partitions')).toEqual(new Map([['', 2]]));

  const batches = (await series('batch_events')).get('_count') ?? 0;
  expect(batches).toBeGreaterThan(0);
  expect((await series('batch_events')).get('_sum')).toBe(sent);
  expect((await series('script_seconds')).get('_count')).toBeGreaterThan(0);
  expect((await series('apply_latency_seconds')).get('_count')).toBeGreaterThan(0);
  await until(
    'arrivals are published',
    async () => ((await series('publish_latency_seconds')).get('_count') ?? 0) > 0,
  );
  expect((await series('publish_latency_seconds')).get('_sum')).toBeLessThan(60);
  expect((await series('source_delay_seconds')).get('_count source=test')).toBeGreaterThan(0);

  for (const service of ['aggregate', 'archive'] as const) {
    await until(
      'nothing lags',
      async () => (await stage.metric(service, `kpi_${service}_lag_events`)) === 0,
    );
    const lag = await stage.series(service, `kpi_${service}_lag_events`);
    const topics = pipeline.topics.input.length + (service === 'aggregate' ? 1 : 0);
    expect(lag.size).toBe(topics * 2);
    const retained = await stage.series(service, `kpi_${service}_retained_events`);
    const ofEvents = [...retained].filter(([labels]) => !labels.includes(pipeline.topics.facts));
    expect(ofEvents.reduce((sum, [, count]) => sum + count, 0)).toBe(sent + 1);
    expect(await stage.metric(service, `kpi_${service}_claims_total`)).toBe(2);
  }
});

test('an engine that is away shows as an obstacle with its code, and as retries', async () => {
  await stage.start(['archive'], { KPI_ARCHIVE_WAIT_MS: '50' });
  await untilUnready(stage, []);
  await stage.proxies.clickhouse.cut();
  await stage.pipeline.publish([answer('1', Date.now())]);
  const obstacle = () => stage.series('archive', 'kpi_archive_obstacle_seconds');
  await until(
    'the obstacle shows',
    async () => ((await obstacle()).get('code=history_unreachable') ?? 0) > 1,
  );
  expect(
    (await stage.series('archive', 'kpi_archive_retries_total')).get('code=history_unreachable'),
  ).toBeGreaterThan(0);
  await stage.proxies.clickhouse.restore();
  await until('the obstacle is gone', async () => (await obstacle()).size === 0);
});
