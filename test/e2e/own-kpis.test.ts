import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { runCli } from '@kpi/cli';
import { DAY_MS, HOUR_MS, type KpiEvent, type ProductActionPerformed } from '@kpi/core';
import { createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { type Verification, openVerification } from '@kpi/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { untilCaughtUp } from '../faults/audit.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

/** One tenant declares KPIs of its own; the other sends the same and does not. */
const DECLARING = 'acme';
const OTHER = 'globex';
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;

const FILE = `kpis:
  - id: exports
    title: Exports
    description: How often somebody exported.
    type: count
    events: { event: product.action_performed, where: [{ field: action, equals: export }] }
    dimensions: [plan, { name: format, field: attributes.format }]
    windows: [28d]
  - id: exported_rows
    title: Rows exported
    type: sum
    events: { event: product.action_performed, where: [{ field: action, equals: export }] }
    of: attributes.rows
    windows: [28d]
  - id: exporters
    title: Accounts that exported
    type: distinct
    of: account
    events: { event: product.action_performed, where: [{ field: action, equals: export }] }
    windows: [28d]
  - id: urgent_share
    title: Share of urgent tickets
    type: ratio
    numerator:
      type: count
      events: { event: support.ticket_created, where: [{ field: priority, equals: urgent }] }
    denominator: { type: count, events: support.ticket_created }
    windows: [28d]
  - id: exported_in_time
    title: Exported within a week
    type: cohort_ratio
    entry: account.created
    converted: { event: product.action_performed, where: [{ field: action, equals: export }] }
    per: account
    horizon: 7d
    windows: [28d]
`;

const VALUE = z.object({
  value: z.number().nullable(),
  numerator: z.number(),
  n: z.number(),
  immature_n: z.number(),
  served_from: z.string(),
  unit: z.string(),
  ci: z.object({ method: z.string() }).nullable(),
});
const SERIES = z.object({ points: z.array(VALUE) });
const GROUPS = z.object({
  values: z.array(VALUE.extend({ segment: z.record(z.string(), z.string()) })),
});

let folder: string;
let pipeline: Pipeline;
let stage: Stage;
let api: ApiService;
let verification: Verification;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-own-'));
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '100' });
  const { environment, config, log } = pipeline;
  api = await startApi(readConfig(apiOptions, { ...environment, KPI_HTTP_PORT: '0' }), {
    log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
  verification = await openVerification({ config, log, clock: systemClock });
  await publish([...eventsOf(DECLARING), ...eventsOf(OTHER)]);
});

afterAll(async () => {
  await verification.close();
  await api.close();
  await stage.close();
  await rm(folder, { recursive: true });
});

async function publish(events: readonly KpiEvent[]): Promise<void> {
  await pipeline.publish(events);
  await untilCaughtUp(pipeline);
}

/** Four accounts, created 20 days ago; the first three exported twice, at once and after nine days; four tickets, one urgent. */
function eventsOf(tenant_id: string): readonly KpiEvent[] {
  return Array.from({ length: 4 }, (_, account) => {
    const who = { tenant_id, account_id: `a${account}`, user_id: `u${account}` };
    const created = TODAY - 20 * DAY_MS;
    return [
      event('account.created', {
        ...who,
        event_id: `create-${account}`,
        occurred_at: created,
      }),
      event('support.ticket_created', {
        ...who,
        event_id: `ticket-${account}`,
        ticket_id: `t${account}`,
        occurred_at: created + HOUR_MS,
        priority: account === 0 ? 'urgent' : null,
      }),
      ...[1, 9].map((day) =>
        event('product.action_performed', {
          ...who,
          event_id: `action-${account}-${day}`,
          occurred_at: created + day * DAY_MS,
          action: account === 3 ? 'open' : 'export',
          attributes: { rows: String(10 * (account + 1)), format: day === 1 ? 'csv' : 'pdf' },
        }),
      ),
    ];
  }).flat();
}

function exported(event_id: string, fields: Partial<ProductActionPerformed> = {}): KpiEvent {
  return event('product.action_performed', {
    event_id,
    tenant_id: DECLARING,
    account_id: 'a3',
    user_id: 'u3',
    occurred_at: TODAY - 19 * DAY_MS,
    action: 'export',
    attributes: { rows: '1000', format: 'csv' },
    ...fields,
  });
}

async function get<Answer>(path: string, shape: z.ZodType<Answer>, tenantId = DECLARING) {
  const response = await fetch(`${api.url}/v1/${path}`, { headers: { 'kpi-tenant': tenantId } });
  return shape.parse(await response.json());
}

const IDS = ['exports', 'exported_rows', 'exporters', 'urgent_share', 'exported_in_time'];

/** Values by KPI, and where they came from. */
async function live(): Promise<readonly (number | null | string)[]> {
  const values = await Promise.all(IDS.map((id) => get(`kpis/${id}`, VALUE)));
  const from = new Set(values.map(({ served_from }) => served_from));
  return [...from, ...values.map(({ value }) => value)];
}

async function inHistory(): Promise<readonly (number | null)[]> {
  const asOf = new Date(TODAY).toISOString();
  const series = await Promise.all(
    IDS.map((id) => get(`kpis/${id}/history?as_of=${asOf}`, SERIES)),
  );
  return series.map(({ points: [point] }) => point?.value ?? null);
}

async function kpi(...words: readonly string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const terminal = (isOut: boolean) => ({
    isTty: false,
    stream: process.stderr,
    write: (text: string) => void (out += isOut ? text : ''),
  });
  const code = await runCli(words, {
    environment: pipeline.environment,
    stdin: (async function* () {})(),
    out: terminal(true),
    err: terminal(false),
    clock: systemClock,
    random: () => 0,
    signal: new AbortController().signal,
  });
  return { code, out };
}

async function expectClean(): Promise<void> {
  expect(await verification.againstHistory()).toMatchObject({ disagreements: [], isClean: true });
  expect(await verification.againstLog()).toMatchObject({ disagreements: [], isClean: true });
  expect(stage.failures).toEqual([]);
}

test('KPIs that a file declares are live and in history after a rebuild, and nobody else has them', async () => {
  const path = join(folder, 'own.yaml');
  await writeFile(path, FILE);
  const missing = z.object({ code: z.literal('kpi_unknown') });
  await get('kpis/exports', missing);
  const applied = await kpi('config', 'apply', path, '--tenant', DECLARING, '--rebuild');
  expect(applied).toMatchObject({ code: 0 });
  const expected = [6, 120, 3, 0.25, 0.75];
  await until('readers have moved over', async () => {
    const response = await fetch(`${api.url}/v1/kpis/exports`, {
      headers: { 'kpi-tenant': DECLARING },
    });
    return response.ok;
  });
  expect(await live()).toEqual(['live', ...expected]);
  expect(await inHistory()).toEqual(expected);
  await get('kpis/exports', missing, OTHER);
});

test('they are in the catalogue, with their intervals, and can be split and filtered', async () => {
  const entries = z.object({ kpis: z.array(z.object({ id: z.string(), title: z.string() })) });
  const mine = (await get('kpis', entries)).kpis.slice(-IDS.length);
  expect(mine.map(({ id }) => id)).toEqual(IDS);
  expect((await get('kpis', entries, OTHER)).kpis.map(({ id }) => id)).not.toContain('exports');
  expect(await get('kpis/exports', VALUE)).toMatchObject({
    unit: 'number',
    ci: { method: 'garwood' },
  });
  expect(await get('kpis/urgent_share', VALUE)).toMatchObject({ n: 4, ci: { method: 'wilson' } });
  const { values } = await get('kpis/exports?by=format', GROUPS);
  expect(values.map(({ segment, value }) => [segment['format'], value])).toEqual([
    ['csv', 3],
    ['pdf', 3],
  ]);
  expect(await get('kpis/exports?filter=format:csv&window=28d', VALUE)).toMatchObject({ value: 3 });
  expect(await get('kpis/exports?window=90d', VALUE)).toMatchObject({
    value: 6,
    served_from: 'history',
  });
  // Sixteen days after the entry the cohort is another one.
  expect(await get('kpis/exported_in_time?horizon=21d', VALUE)).toMatchObject({
    value: null,
    immature_n: 4,
    served_from: 'history',
  });
});

test('late, repeated, corrected and retracted events are counted exactly', async () => {
  const late = exported('late');
  await publish([
    late,
    late,
    // A correction replaces what the event said before: other rows.
    exported('action-0-1', {
      account_id: 'a0',
      user_id: 'u0',
      source_version: 1,
      attributes: { rows: '7', format: 'csv' },
    }),
    exported('back', { account_id: 'a1', user_id: 'u1', retracts: 'action-1-9' }),
  ]);
  // One more export, one taken back; of rows 1000 more, 10 that became 7, 20 less; the fourth account exported in time.
  const expected = [6, 1_097, 4, 0.25, 1];
  await until('all is counted', async () => (await live())[2] === expected[1]);
  expect(await live()).toEqual(['live', ...expected]);
  expect(await inHistory()).toEqual(expected);
  await expectClean();
});

test('a store that is rebuilt from history says the same', async () => {
  const before = await live();
  expect(await kpi('rebuild', '--from', 'clickhouse')).toMatchObject({ code: 0 });
  expect(await live()).toEqual(before);
  expect(await verification.againstLog()).toMatchObject({ disagreements: [], isClean: true });
});
