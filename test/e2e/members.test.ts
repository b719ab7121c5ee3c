import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { createHistory } from '@kpi/clickhouse';
import {
  type Components,
  DEFAULT_DEFINITIONS,
  KPIS,
  type Kpi,
  type KpiVariant,
  type Member,
  days,
  kpiOf,
  leftOutOf,
} from '@kpi/core';
import { createMetrics, readConfig, systemClock } from '@kpi/runtime';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { Census } from '../support/census.ts';
import { companiesLog } from '../support/company-log.ts';
import { type LoggedEvent } from '../support/core-engine.ts';
import { event as newEvent } from '../support/event.ts';
import { type Pipeline, createPipeline } from '../support/pipeline.ts';

const TENANT = 'drawn';
const SEED = Number(process.env['SIM_SEED'] ?? 7);
const [DRAWN = []] = fc.sample(companiesLog(), { numRuns: 1, seed: SEED });
const LOG: readonly LoggedEvent[] = DRAWN.map(({ event, offset }) => ({
  offset,
  event: { ...event, tenant_id: TENANT },
}));

const REFERRED_AT = Date.UTC(2026, 0, 6);
/** A referral that is corrected to name another account. */
const REFERRALS = ['first', 'second'].map((referred, sourceVersion) =>
  newEvent('referral.sent', {
    tenant_id: 'corrected',
    event_id: 'referral',
    source_version: sourceVersion,
    occurred_at: REFERRED_AT,
    account_id: 'sender',
    referred_account_id: referred,
  }),
);

const INSTANTS = 2;
const LIMIT_MAX = 1_000;
/** So few that a listing is many pages, cut inside subjects too. */
const LIMIT = 9;

const PAGE = z.object({
  withheld: z.boolean(),
  members: z.array(
    z.object({
      unit: z.string(),
      ids: z.record(z.string(), z.string()),
      at: z.string().nullable(),
      dimensions: z.record(z.string(), z.string()),
      counted: z.boolean(),
      counts: z.array(
        z.object({
          component: z.string(),
          roles: z.array(z.string()),
          weight: z.int(),
          dimensions: z.record(z.string(), z.string()),
        }),
      ),
      reason: z.object({ code: z.string() }).nullable(),
    }),
  ),
  next: z.string().nullable(),
});
type Told = z.infer<typeof PAGE>['members'][number];

const VALUES = z.object({
  points: z.array(
    z.object({
      numerator: z.number().nullable(),
      denominator: z.number().nullable(),
      n: z.number().nullable(),
      immature_n: z.number(),
      excluded: z.record(z.string(), z.number()),
    }),
  ),
});

let pipeline: Pipeline;
let api: ApiService;
const failures: unknown[] = [];

beforeAll(async () => {
  pipeline = await createPipeline(1);
  const history = createHistory(pipeline.config, pipeline.log);
  await history.migrate();
  const rows = LOG.map(({ event, offset }) => ({ event, topic: 'drawn', partition: 0, offset }));
  await history.insertEvents({ rows, token: 'drawn' });
  const corrected = REFERRALS.map((one, offset) => ({
    event: one,
    topic: 'corrected',
    partition: 0,
    offset,
  }));
  await history.insertEvents({ rows: corrected, token: 'corrected' });
  await history.close();
  const environment = { ...pipeline.environment, KPI_HTTP_PORT: '0', KPI_VERIFY_INTERVAL_MS: '0' };
  api = await startApi(readConfig(apiOptions, environment), {
    log: pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void failures.push(error),
  });
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
  expect(failures).toEqual([]);
});

async function ask(
  path: string,
  query: Readonly<Record<string, string>>,
  tenant = TENANT,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${api.url}${path}?${new URLSearchParams(query).toString()}`, {
    headers: { 'kpi-tenant': tenant },
  });
  return { status: response.status, body: await response.json() };
}

async function listing(
  id: string,
  query: Readonly<Record<string, string>>,
  limit = LIMIT_MAX,
): Promise<readonly Told[]> {
  const members: Told[] = [];
  for (let after = ''; ;) {
    const paged = after === '' ? query : { ...query, after };
    const { body } = await ask(`/v1/kpis/${id}/members`, { limit: String(limit), ...paged });
    const page = PAGE.parse(body);
    expect(page.members.length).toBeLessThanOrEqual(limit);
    members.push(...page.members);
    if (page.next === null) return members;
    after = page.next;
  }
}

/** Instants at which most happens: a window after events from all over the log. */
function instantsOf(kpi: Kpi): readonly number[] {
  const at = LOG.map(({ event }) => event.occurred_at).toSorted((a, b) => a - b);
  return Array.from({ length: INSTANTS }, (_, index) => {
    const event = at[Math.floor(((index + 1) * at.length) / (INSTANTS + 1))] ?? 0;
    return event + Math.floor((kpi.defaultWindowMs * index) / INSTANTS) + index;
  });
}

function line({
  unit,
  ids,
  counts,
  reason,
}: {
  readonly unit: string;
  readonly ids: Told['ids'];
  readonly counts: readonly { readonly component: string; readonly weight: number }[];
  readonly reason: { readonly code: string } | null;
}): string {
  const sorted = Object.entries(ids).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sums = counts.map(({ component, weight }) => `${component} ${weight}`).toSorted();
  return [unit, JSON.stringify(sorted), sums.join(' '), reason?.code ?? ''].join(' | ');
}

/** The sums of a listing as components; of KPIs without money only. */
function componentsOf(kpi: Kpi, members: readonly Told[]): Components {
  const sums: Record<string, bigint> = Object.fromEntries(
    kpi.components.map((component) => [component, 0n]),
  );
  for (const { component, weight } of members.flatMap(({ counts }) => counts))
    sums[component] = (sums[component] ?? 0n) + BigInt(weight);
  return sums;
}

function idOf(kpi: Kpi, { name }: KpiVariant): string {
  return name === '' ? kpi.id : `${kpi.id}.${name}`;
}

const census = new Census(LOG, DEFAULT_DEFINITIONS);

describe.each(KPIS.map((kpi) => ({ kpi, id: kpi.id })))('$id', ({ kpi, id }) => {
  test('the API lists the members that the whole log has', async () => {
    let listed = 0;
    for (const asOf of instantsOf(kpi)) {
      const told = await listing(id, { as_of: new Date(asOf).toISOString() });
      const all: readonly Member[] = census.members(
        {
          tenantId: TENANT,
          kpiId: id,
          windowMs: kpi.defaultWindowMs,
          asOf: [asOf],
          by: [],
          filter: {},
          definitions: DEFAULT_DEFINITIONS,
        },
        asOf,
        kpi.variants.slice(0, 1),
      );
      const expected = all.map((member) => line({ ...member, unit: member.kind }));
      expect(told.map(line).toSorted()).toEqual(expected.toSorted());
      for (const { counted, counts, reason } of told) {
        if (!counted) expect(reason).not.toBeNull();
        expect(counts.every(({ weight }) => weight !== 0)).toBe(true);
      }
      listed += told.length;
    }
    expect(listed).toBeGreaterThan(0);
  });

  // Sums by hidden dimensions, such as money by currency and day, are resolved only in the value.
  if (kpi.hidden.length > 0) return;

  test('what they count adds up to the value of history', async () => {
    for (const asOf of instantsOf(kpi)) {
      const query = { as_of: new Date(asOf).toISOString() };
      for (const variant of kpi.variants) {
        const sums = componentsOf(kpi, await listing(idOf(kpi, variant), query));
        const { body } = await ask(`/v1/kpis/${idOf(kpi, variant)}/history`, query);
        const [value] = VALUES.parse(body).points;
        const { immature, excluded } = leftOutOf(kpi, variant);
        expect(value).toEqual({
          numerator: variant.published?.numerator(sums) ?? Number(variant.numerator(sums)),
          denominator: variant.published?.denominator(sums) ?? Number(variant.denominator(sums)),
          n: Number(variant.n(sums)),
          immature_n: immature === undefined ? 0 : Number(sums[immature]),
          excluded: Object.fromEntries(
            excluded
              .map((name) => [name, Number(sums[name])] as const)
              .filter(([, sum]) => sum > 0),
          ),
        });
      }
    }
  });
});

test.each(['course_completion_rate', 'support_ticket_rate'])(
  'page by page the same members of %s are listed, in the same order',
  async (id) => {
    const [, asOf = 0] = instantsOf(kpiOf(id) ?? fail());
    const query = { as_of: new Date(asOf).toISOString() };
    const whole = await listing(id, query);
    expect(whole.length).toBeGreaterThan(LIMIT);
    expect((await listing(id, query, LIMIT)).map(line)).toEqual(whole.map(line));
  },
);

test('counted and account choose among the members', async () => {
  const [asOf = 0] = instantsOf(kpiOf('course_completion_rate') ?? fail());
  const query = { as_of: new Date(asOf).toISOString() };
  const kpi = 'course_completion_rate';
  const all = await listing(kpi, query);
  const counted = await listing(kpi, { ...query, counted: 'true' });
  const others = await listing(kpi, { ...query, counted: 'false' });
  expect(counted.every((member) => member.counted)).toBe(true);
  expect([...counted, ...others].map(line).toSorted()).toEqual(all.map(line).toSorted());
  const completed = await listing(kpi, { ...query, counted: 'completed' });
  expect(completed.map(line)).toEqual(
    all.filter(({ counts }) => counts.some((one) => one.component === 'completed')).map(line),
  );
  const account = all.find(({ ids }) => ids['account_id'] !== undefined)?.ids['account_id'] ?? '';
  const own = await listing(kpi, { ...query, account });
  expect(own.map(line)).toEqual(all.filter(({ ids }) => ids['account_id'] === account).map(line));
});

test.each([
  ['first', []],
  ['second', ['second']],
])('of a referral that was corrected, the account %s is listed as %j', async (account, listed) => {
  const as_of = new Date(REFERRED_AT + days(1)).toISOString();
  const { body } = await ask('/v1/kpis/referral_rate/members', { as_of, account }, 'corrected');
  expect(PAGE.parse(body).members.map(({ ids }) => ids['account_id'])).toEqual(listed);
});

function fail(): never {
  throw new RangeError('there is no KPI');
}

test.each([
  { counted: 'nobody' },
  { limit: '0' },
  { limit: '1001' },
  { after: 'x' },
  { as_of: 'yesterday' },
  { colour: 'red' },
])('a wrong question is refused: %o', async (query) => {
  const { status, body } = await ask('/v1/kpis/nps_score/members', query);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'parameter_invalid' });
});
