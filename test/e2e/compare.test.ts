import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HOUR_MS, type KpiEvent, days } from '@kpi/core';
import { type Embedded, startEmbedded } from '@kpi/embedded';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { event } from '../support/event.ts';
import { eventJson } from '../support/event-json.ts';
import { until } from '../support/pipeline.ts';
import { trainingScenario } from '../support/training-scenario.ts';
import { uniqueNames } from '../support/unique-names.ts';

/** The end of the scenario: an hour that has passed. */
const TO = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const FROM = TO - 13 * days(28);
const EVENTS_PER_REQUEST = 1_000;

/** The company of STATISTICS 9 without an effect of training, and with one of 30 %. */
const EFFECTS = { idle: 1, helpful: 0.7 } as const;

let embedded: Embedded;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kpi-compare-'));
  const environment = {
    ...process.env,
    ...uniqueNames(),
    KPI_HTTP_PORT: '0',
    KPI_PARTITIONS: '2',
    KPI_ARCHIVE_WAIT_MS: '100',
  };
  embedded = await startEmbedded({ dataDir, environment });
  for (const [tenant, effect] of Object.entries(EFFECTS))
    await send(tenant, trainingScenario(effect, FROM));
  for (const [tenant, effect] of Object.entries(EFFECTS)) {
    const tickets = 1_800 + Math.round(800 * effect);
    await until(
      `the tickets of ${tenant} are in history`,
      async () => (await archivedTickets(tenant)) === tickets,
    );
  }
});

afterAll(async () => {
  await embedded.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function send(tenant: string, events: readonly KpiEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += EVENTS_PER_REQUEST) {
    const batch = events.slice(from, from + EVENTS_PER_REQUEST).map(eventJson);
    const response = await fetch(`${embedded.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'kpi-tenant': tenant },
      body: JSON.stringify(batch),
    });
    const answer = z.object({ rejected: z.array(z.unknown()) }).parse(await response.json());
    expect(answer.rejected).toEqual([]);
  }
}

/** Tickets of the scenario's window, as the KPI counts them: comparisons remember their answers for a while. */
async function archivedTickets(tenant: string): Promise<number> {
  const at = new Date(TO).toISOString();
  const path = `/v1/kpis/support_ticket_rate/history?window=364d&as_of=${at}`;
  const response = await fetch(`${embedded.url}${path}`, { headers: { 'kpi-tenant': tenant } });
  const series = z.object({ points: z.array(z.object({ numerator: z.number() })) });
  return series.parse(await response.json()).points[0]?.numerator ?? 0;
}

const ratio = z.object({
  ratio: z.number(),
  ci: z.object({ low: z.number(), high: z.number().nullable(), method: z.string() }).nullable(),
});
const group = z.object({ tickets: z.number(), account_days: z.number() });
const answer = z.object({
  groups: z.object({ trained: group, untrained: group }),
  headline: ratio.nullable(),
  difference_in_differences: ratio.nullable(),
  strata: z.array(
    z.object({ stratum: z.string(), ci: ratio.shape.ci, ratio: z.number().nullable() }),
  ),
  unadjusted: z.array(z.object({ name: z.string(), ratio: z.number().nullable() })),
  served_from: z.object({ live: z.object({ from: z.string() }).nullable() }),
  status: z.string(),
  summary: z.string(),
});

async function compare(tenant: string, query: Readonly<Record<string, string>>) {
  const text = new URLSearchParams(query).toString();
  const response = await fetch(`${embedded.url}/v1/compare/support_ticket_rate?${text}`, {
    headers: { 'kpi-tenant': tenant },
  });
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return answer.parse(body);
}

function fixed(): Readonly<Record<string, string>> {
  return { from: new Date(FROM).toISOString(), to: new Date(TO).toISOString() };
}

describe.each([
  ['idle', 1, [2.8, 0.5846, 0.3444, 0.3]],
  ['helpful', 0.7, [2.38, 0.4969, 0.2411, 0.21]],
] as const)(
  'a company whose training is %s',
  (tenant, effect, [perAccount, perDay, crude, beforeAfter]) => {
    test('is told the true ratio, and the usual ones as unadjusted', async () => {
      const told = await compare(tenant, fixed());
      expect(told.headline?.ratio).toBeCloseTo(effect, 10);
      expect(told.difference_in_differences?.ratio).toBeCloseTo(effect, 10);
      const usual = Object.fromEntries(told.unadjusted.map(({ name, ratio: one }) => [name, one]));
      expect(usual['ever_trained_per_account']).toBeCloseTo(perAccount, 4);
      expect(usual['ever_trained_per_day']).toBeCloseTo(perDay, 4);
      expect(usual['trained_time_crude']).toBeCloseTo(crude, 4);
      expect(usual['before_after']).toBeCloseTo(beforeAfter, 4);
      expect(told.status).toBe('ok');
      expect(told.summary).toContain(effect === 1 ? 'No clear difference' : '30 % lower');
      expect(told.summary).not.toContain('because');
    });

    test('is told the same as it grows, the last day from the live store', async () => {
      const told = await compare(tenant, { since: new Date(FROM).toISOString() });
      expect(told.served_from.live).not.toBeNull();
      expect(told.headline?.ci?.method).toBe('always_valid_clustered');
      expect(told.headline?.ratio).toBeGreaterThan(effect * 0.98);
      expect(told.headline?.ratio).toBeLessThan(effect * 1.02);
    });
  },
);

test('a ticket moves a growing comparison at once', async () => {
  const since = { since: new Date(FROM).toISOString() };
  const before = await compare('helpful', since);
  await send('helpful', [
    event('support.ticket_created', {
      event_id: 'just-now',
      ticket_id: 'just-now',
      account_id: 't0',
      tenant_id: 'helpful',
      occurred_at: Date.now() - 1_000,
    }),
  ]);
  await until('the ticket is counted', async () => {
    const { groups } = await compare('helpful', since);
    return groups.trained.tickets === before.groups.trained.tickets + 1;
  });
  const after = await compare('helpful', since);
  expect(after.headline?.ratio).toBeGreaterThan(before.headline?.ratio ?? Infinity);
});

test('a stream tells the growing comparison', async () => {
  const stop = new AbortController();
  const response = await fetch(`${embedded.url}/v1/stream?comparison=support_ticket_rate`, {
    headers: { 'kpi-tenant': 'helpful' },
    signal: stop.signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (/^event: comparison\r?\n/m.test(text) && /"summary":/.test(text)) break;
  }
  stop.abort();
  expect(text).toContain('"kpi_id":"support_ticket_rate"');
});

const twoGroups = z.object({
  groups: z.array(
    z.object({
      group: z.string(),
      value: z.object({ numerator: z.number(), denominator: z.number() }),
    }),
  ),
  difference: z.object({
    difference: z.number().nullable(),
    ci: z.object({ method: z.string() }).nullable(),
    notes: z.array(z.string()),
  }),
  summary: z.string(),
});

test('churn is compared by training at the start of the window', async () => {
  const asOf = new Date(FROM + days(112)).toISOString();
  const response = await fetch(
    `${embedded.url}/v1/compare/customer_churn_rate?by=trained&window=27d&as_of=${asOf}`,
    { headers: { 'kpi-tenant': 'idle' } },
  );
  const told = twoGroups.parse(await response.json());
  expect(told.groups).toMatchObject([
    { group: 'true', value: { numerator: 0, denominator: 400 } },
    { group: 'false', value: { numerator: 0, denominator: 100 } },
  ]);
  expect(told.difference.ci?.method).toBe('newcombe');
  expect(told.summary).toContain('No clear difference');
  expect(told.summary).toContain('for trained accounts than for untrained accounts');
});

test('groups that are made by the future are refused with the reason', async () => {
  const response = await fetch(`${embedded.url}/v1/compare/course_completion_rate?by=trained`, {
    headers: { 'kpi-tenant': 'idle' },
  });
  expect(response.status).toBe(400);
  const refusal = z.object({ code: z.string(), detail: z.string() }).parse(await response.json());
  expect(refusal.code).toBe('parameter_invalid');
  expect(refusal.detail).toContain('stayed until then');
});

test('tickets by tenure are a ratio clustered by account', async () => {
  const at = new Date(TO).toISOString();
  const response = await fetch(
    `${embedded.url}/v1/compare/support_ticket_rate?by=tenure&of=0-28,28-84&window=364d&as_of=${at}`,
    { headers: { 'kpi-tenant': 'idle' } },
  );
  const told = twoGroups
    .extend({
      difference: z.object({
        ratio: z.object({ value: z.number(), ci: z.object({ method: z.string() }) }),
      }),
    })
    .parse(await response.json());
  expect(told.groups.map(({ value }) => value.numerator)).toEqual([1_100, 500]);
  expect(told.difference.ratio.value).toBeCloseTo(2, 10);
  expect(told.difference.ratio.ci.method).toBe('clustered');
});

test('what is wrong with a question is named', async () => {
  const response = await fetch(
    `${embedded.url}/v1/compare/support_ticket_rate?trained_by=seats:2`,
    { headers: { 'kpi-tenant': 'idle' } },
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: 'parameter_invalid',
    errors: [{ path: '/query/trained_by' }],
  });
});
