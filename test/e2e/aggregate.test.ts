import { type AggregateConfig, aggregateOptions, start } from '@kpi/aggregate';
import { DAY_MS, DEFAULT_DEFINITIONS, type KpiQuery } from '@kpi/core';
import { type Service, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

let pipeline: Pipeline;
const running: Service[] = [];

beforeEach(async () => {
  pipeline = await createPipeline();
});

afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
  await pipeline.close();
});

async function startWorker(): Promise<Service> {
  const config: AggregateConfig = readConfig(aggregateOptions, pipeline.environment);
  const failures: unknown[] = [];
  const service = await start(config, {
    log: pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => failures.push(error),
  });
  running.push(service);
  return service;
}

/** The live store keeps the last week: the events lie so that their cohort is mature today. */
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const DAY0 = TODAY - 40 * DAY_MS;

function completions(asOf: number): KpiQuery {
  return {
    tenantId: 'acme',
    kpiId: 'course_completion_rate',
    windowMs: 28 * DAY_MS,
    asOf: [asOf],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

function enrolment(user: number) {
  return event('lms.course_enrolled', {
    event_id: `enrol-${user}`,
    occurred_at: DAY0 + user,
    user_id: `u${user}`,
    account_id: `a${user % 7}`,
    enrolment_id: `e${user}`,
  });
}

function completion(user: number) {
  return event('lms.course_completed', {
    event_id: `complete-${user}`,
    occurred_at: DAY0 + DAY_MS,
    user_id: `u${user}`,
    account_id: `a${user % 7}`,
  });
}

async function applied(events: number): Promise<boolean> {
  const view = pipeline.view();
  await view.reload();
  const counts = view.positions().flatMap((one) => [...one.counts]);
  const sum = counts
    .filter(([name]) => name.startsWith('events:'))
    .reduce((total, [, count]) => total + count, 0);
  return sum >= events;
}

test('events in Kafka become live values, once, however often and in whatever order they come', async () => {
  await startWorker();
  const users = Array.from({ length: 50 }, (_, user) => user);
  const sent = [
    ...users.slice(0, 20).map(completion),
    ...users.map(enrolment),
    ...users.slice(0, 30).map(enrolment),
  ];
  await pipeline.publish(sent);
  await until('all events are applied', () => applied(sent.length));
  const view = pipeline.view();
  await view.reload();
  expect(view.read(completions(TODAY))).toMatchObject([
    { components: { enrolled: 50n, completed: 20n } },
  ]);
});

test('a worker that takes over goes on where the store stands', async () => {
  const first = await startWorker();
  const users = Array.from({ length: 40 }, (_, user) => user);
  await pipeline.publish(users.slice(0, 20).map(enrolment));
  await until('the first half is applied', () => applied(20));
  await first.close();
  await pipeline.publish(users.slice(20).map(enrolment));
  await startWorker();
  await until('the second half is applied', () => applied(40));
  const view = pipeline.view();
  await view.reload();
  expect(view.read(completions(TODAY))).toMatchObject([{ components: { enrolled: 40n } }]);
});

test('a record that cannot be read is kept and counted, and stops nothing', async () => {
  await startWorker();
  const topic = pipeline.topics.of('lms.course_enrolled');
  await pipeline.publish([enrolment(1)]);
  await pipeline.producer.send([
    { topic, key: 'acme\u001fa1', value: Buffer.from([0, 0, 0, 0, 99, 1, 2, 3]) },
  ]);
  await pipeline.publish([enrolment(8)]);
  await until('both events are applied', () => applied(2));
  const view = pipeline.view();
  await view.reload();
  const refused = view.positions().map((one) => one.counts.get(`refused:${topic}`) ?? 0);
  expect(refused.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(view.read(completions(TODAY))).toMatchObject([{ components: { enrolled: 2n } }]);
});
