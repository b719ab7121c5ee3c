import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type Dimensions,
  HOUR_MS,
  type KpiValue,
  bucketEnd,
  formatDuration,
  kpiOf,
} from '@kpi/core';
import { type Embedded, startEmbedded } from '@kpi/embedded';
import { LiveView, archivedOffsets, closeRedis, createRedis } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { eventJson } from '../support/event-json.ts';
import { type Example, type ExampleQuestion, examples } from '../support/examples/index.ts';
import { until } from '../support/pipeline.ts';
import { uniqueNames } from '../support/unique-names.ts';

/** The services' clock stands 1 ms before the examples' as-of time, so that a live value and its history are about the same instant. */
const AS_OF = bucketEnd(Date.now(), HOUR_MS);
const NOW = AS_OF - 1;
const EVENTS_PER_REQUEST = 500;

/** Ids repeat between the examples, so each has a tenant of its own. */
const CASES = examples(AS_OF).map((example, index) => ({
  example,
  tenant: `example-${index}`,
  title: example.title,
}));

let embedded: Embedded;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kpi-examples-'));
  const environment = {
    ...process.env,
    ...uniqueNames(),
    KPI_HTTP_PORT: '0',
    KPI_PARTITIONS: '2',
    KPI_ARCHIVE_WAIT_MS: '100',
  };
  embedded = await startEmbedded({ dataDir, environment, clock: () => NOW });
  for (const { example, tenant } of CASES) await send(tenant, example);
  await arrival(sum(CASES.map(({ example }) => example.events.length)));
});

/** Until live and archive have taken that many events. */
async function arrival(events: number): Promise<void> {
  const config = readConfig(z.object(ENGINE_OPTIONS), embedded.environment);
  const log = createLog({ name: 'test', level: 'silent' });
  const redis = await createRedis(config, log);
  const view = new LiveView({
    client: redis,
    prefix: config.KPI_REDIS_PREFIX,
    partitions: config.KPI_PARTITIONS,
    log,
    clock: () => NOW,
  });
  await until('everything is applied and archived', async () => {
    await view.reload();
    const archived = await archivedOffsets(redis, config);
    return sum(Object.values(view.bound())) === events && sum(archived.values()) === events;
  });
  await closeRedis(redis);
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

afterAll(async () => {
  await embedded.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function send(tenant: string, example: Example): Promise<void> {
  for (let from = 0; from < example.events.length; from += EVENTS_PER_REQUEST) {
    const events = example.events.slice(from, from + EVENTS_PER_REQUEST);
    const response = await fetch(`${embedded.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'kpi-tenant': tenant },
      body: JSON.stringify(events.map(eventJson)),
    });
    expect(await response.json()).toEqual({ accepted: events.length, rejected: [] });
  }
}

async function ask(tenant: string, path: string): Promise<unknown> {
  const response = await fetch(`${embedded.url}${path}`, { headers: { 'kpi-tenant': tenant } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

function parametersOf(asked: ExampleQuestion, by: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams({ window: formatDuration(asked.windowMs) });
  if (by.length > 0) parameters.set('by', by.join(','));
  for (const [name, values] of Object.entries(asked.filter))
    parameters.append('filter', `${name}:${values.join(',')}`);
  return parameters;
}

type Answer = KpiValue | { readonly values: readonly KpiValue[] };

async function live(
  tenant: string,
  asked: ExampleQuestion,
  variant: string,
): Promise<readonly KpiValue[]> {
  const id = variant === '' ? asked.kpiId : `${asked.kpiId}.${variant}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: the API's own envelope
  const answer = (await ask(
    tenant,
    `/v1/kpis/${id}?${String(parametersOf(asked, asked.by))}`,
  )) as Answer;
  return 'values' in answer ? answer.values : [answer];
}

async function recorded(
  tenant: string,
  asked: ExampleQuestion,
  variant: string,
): Promise<readonly KpiValue[]> {
  const id = variant === '' ? asked.kpiId : `${asked.kpiId}.${variant}`;
  const parameters = parametersOf(asked, asked.by);
  parameters.set('as_of', new Date(AS_OF).toISOString());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: the API's own envelope
  const answer = (await ask(tenant, `/v1/kpis/${id}/history?${String(parameters)}`)) as {
    readonly points: readonly KpiValue[];
  };
  return answer.points;
}

/** The key of a value's group in the example: its values of `by`. */
function groupOf(asked: ExampleQuestion, segment: Dimensions): string {
  return asked.by.map((name) => segment[name] ?? '').join(',');
}

/** Person-time of a live value ends 1 ms early, at the moment of reading: equal to nine figures. */
function figures(asked: ExampleQuestion, values: readonly KpiValue[]): readonly unknown[] {
  const rounded = (value: number | null): number | null =>
    value === null ? null : Number(value.toPrecision(8));
  return values
    .map(({ segment, value, numerator, denominator, n }) => ({
      group: groupOf(asked, segment),
      value: rounded(value),
      numerator,
      denominator: rounded(denominator),
      n,
    }))
    .toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

/** A number with as many decimals as the specification states. */
function stated(value: number | null | undefined, example: string): string | undefined {
  return value?.toFixed(example.split('.')[1]?.length);
}

describe.each(CASES)('$title', ({ example, tenant }) => {
  test.each(example.questions.map((asked) => ({ asked, title: asked.title })))(
    '$title: through HTTP, live and in history',
    async ({ asked }) => {
      const kpi = kpiOf(asked.kpiId);
      if (kpi === undefined) throw new Error(`no KPI ${asked.kpiId}`);
      const answers = await Promise.all(
        kpi.variants.map(async (variant) => ({
          variant,
          now: await live(tenant, asked, variant.name),
          recorded: await recorded(tenant, asked, variant.name),
        })),
      );
      for (const { variant, now, recorded: then } of answers) {
        expect(figures(asked, now)).toEqual(figures(asked, then));
        const servedFrom = kpi.windows.length > 0 ? 'live' : 'history';
        expect(now.every(({ served_from: from }) => from === servedFrom)).toBe(true);
        for (const value of now) {
          const group = asked.groups[groupOf(asked, value.segment)];
          const components = Object.fromEntries(
            Object.entries(group ?? {}).map(([name, count]) => [name, BigInt(count)]),
          );
          expect(group, `group ${JSON.stringify(value.segment)}`).toBeDefined();
          const isNamed = Object.keys(components).length >= kpi.components.length;
          if (isNamed) expect(value.numerator).toBe(Number(variant.numerator(components)));
        }
        const expected = asked.values[variant.name];
        if (expected !== undefined && asked.by.length === 0) {
          if (expected === null) expect(now[0]?.value).toBeNull();
          else expect(now[0]?.value).toBeCloseTo(expected, 6);
        }
        const interval = asked.intervals?.[variant.name];
        if (interval !== undefined) {
          const [low, high] = interval;
          for (const value of [...now, ...then])
            expect([stated(value.ci?.low, low), stated(value.ci?.high, high)]).toEqual(interval);
        }
      }
    },
  );
});
