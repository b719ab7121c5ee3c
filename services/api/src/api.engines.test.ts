import { DAY_MS, KPIS, HOUR_MS } from '@kpi/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { idOf } from './address.ts';
import { catalogueAnswer, currentAnswer, historyAnswer } from './schemas.ts';
import { type TestApi, answer, startTestApi } from './test-api.ts';

const LAST = Date.UTC(2026, 2, 1);
const TENANT = { 'kpi-tenant': 'acme' };
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.history.migrate();
  const said = { tenant_id: 'acme', occurred_at: LAST - HOUR_MS };
  const events = [
    answer({ ...said, event_id: 'a' }),
    answer({ ...said, event_id: 'b', score: 2 }),
    answer({ ...said, event_id: 'c', score: 4, occurred_at: LAST - 3 * DAY_MS }),
    answer({ ...said, event_id: 'd', score: 1, context: 'ticket' }),
    answer({ ...said, event_id: 'e', tenant_id: 'other' }),
  ];
  const rows = events.map((event, offset) => ({ event, topic: 'test', partition: 0, offset }));
  await api.history.insertEvents({ rows, token: 'once' });
});

afterAll(() => api.close());

/** Values and counts of a history, and nothing else of it. */
async function series(path: string): Promise<readonly (readonly [number | null, number | null])[]> {
  const { body } = await api.get(path, TENANT);
  return historyAnswer.parse(body).points.map(({ value, n }) => [value, n]);
}

test('the catalogue lists every KPI and variant', async () => {
  const { status, body } = await api.get('/v1/kpis');
  expect(status).toBe(200);
  const ids = catalogueAnswer
    .parse(body)
    .kpis.flatMap(({ variants }) => variants.map(({ id }) => id));
  expect(ids).toEqual(KPIS.flatMap((kpi) => kpi.variants.map((variant) => idOf({ kpi, variant }))));
});

test('every number of every KPI answers before the first event, live and in history', async () => {
  for (const kpi of KPIS) {
    for (const variant of kpi.variants) {
      const id = idOf({ kpi, variant });
      const live = currentAnswer.parse((await api.get(`/v1/kpis/${id}`)).body);
      expect(live).toMatchObject({
        kpi_id: id,
        value: null,
        status: 'no_data',
        served_from: kpi.windows.length > 0 ? 'live' : 'history',
      });
      const past = await api.get(`/v1/kpis/${id}/history?as_of=2026-01-01`);
      expect(historyAnswer.parse(past.body).points).toMatchObject([{ kpi_id: id, value: null }]);
    }
  }
});

describe('history', () => {
  test('as of one time is one point', async () => {
    expect(await series('/v1/kpis/csat_score/history?as_of=2026-03-01')).toEqual([[2 / 3, 3]]);
  });

  test('of ninety days is ninety points that move with the window', async () => {
    const points = await series(
      '/v1/kpis/csat_score/history?from=2025-12-03&to=2026-03-02&window=24h',
    );
    expect(points).toHaveLength(90);
    expect(points.slice(-5)).toEqual([
      [null, 0],
      [1, 1],
      [null, 0],
      [0.5, 2],
      [null, 0],
    ]);
  });

  test('by group names the group and keeps its gaps', async () => {
    const path = '/v1/kpis/csat_score/history?from=2026-02-28&to=2026-03-01&window=24h&by=context';
    const { points } = historyAnswer.parse((await api.get(path, TENANT)).body);
    expect(points.map(({ segment, n }) => [segment['context'], n])).toEqual([
      ['general', 0],
      ['ticket', 0],
      ['general', 2],
      ['ticket', 1],
    ]);
  });

  test('answers a window that is not kept live, also when asked for now', async () => {
    const { body } = await api.get('/v1/kpis/csat_score?window=7320d', TENANT);
    expect(body).toMatchObject({
      served_from: 'history',
      value: 2 / 3,
      segment: { context: 'general' },
    });
  });

  test('of one tenant holds nothing of another', async () => {
    const { body } = await api.get('/v1/kpis/csat_score?window=7320d', { 'kpi-tenant': 'other' });
    expect(body).toMatchObject({ value: 1, n: 1 });
  });
});

test('groups of a KPI that must not be pooled have no total', async () => {
  const { body } = await api.get('/v1/kpis/csat_score?window=7320d&by=context', TENANT);
  expect(currentAnswer.parse(body)).toMatchObject({
    by: ['context'],
    total: null,
    values: [
      { segment: { context: 'general' }, n: 3 },
      { segment: { context: 'ticket' }, n: 1 },
    ],
  });
  const byPlan = await api.get('/v1/kpis/csat_score?window=7320d&by=plan&context=ticket', TENANT);
  expect(byPlan.body).toMatchObject({ total: { n: 1 }, values: [{ n: 1, value: 0 }] });
});

describe('compared with', () => {
  const COMPARED = { 'kpi-tenant': 'compared' };
  const WINDOW = 'window=14d';

  beforeAll(async () => {
    const rated = (daysAgo: number, scores: readonly number[], survey: string) =>
      scores.map((score, index) =>
        answer({
          tenant_id: 'compared',
          event_id: `${survey}-${daysAgo}-${index}`,
          occurred_at: Date.now() - daysAgo * DAY_MS,
          survey_id: survey,
          score,
        }),
      );
    const events = [
      ...rated(3, [5, 5, 5, 1], 'spring'),
      ...rated(20, [5, 1], 'spring'),
      ...rated(370, [1], 'autumn'),
      ...rated(3, [5], 'autumn'),
    ];
    const rows = events.map((event, offset) => ({ event, topic: 'test', partition: 1, offset }));
    await api.history.insertEvents({ rows, token: 'compared' });
  });

  test('the window before and a year ago, in points and percent', async () => {
    const path = `/v1/kpis/csat_score?${WINDOW}&compare=previous,year`;
    const { body } = await api.get(path, COMPARED);
    const value = currentAnswer.parse(body);
    expect(value).toMatchObject({
      value: 0.8,
      comparisons: [
        {
          with: 'previous',
          base: { value: 0.5, n: 2, served_from: 'history', ci: { method: 'wilson' } },
          difference: expect.closeTo(30, 9),
          difference_unit: 'percentage_points',
          relative_percent: expect.closeTo(60, 9),
          direction: null,
        },
        { with: 'year', base: { value: 0, n: 1 }, relative_percent: null },
      ],
    });
    if ('values' in value) throw new Error('groups were not asked for');
    const ends = value.comparisons?.map(({ base }) => Date.parse(base.window.to));
    const to = Date.parse(value.window.to);
    expect(ends).toEqual([to - 14 * DAY_MS, to - 364 * DAY_MS]);
  });

  test('by group, each with its own past', async () => {
    const path = `/v1/kpis/csat_score?${WINDOW}&compare=previous&by=survey`;
    const { body } = await api.get(path, COMPARED);
    expect(currentAnswer.parse(body)).toMatchObject({
      total: { comparisons: [{ base: { n: 2 } }] },
      values: [
        {
          segment: { survey: 'autumn' },
          comparisons: [{ base: { segment: { survey: 'autumn' }, value: null }, difference: null }],
        },
        { segment: { survey: 'spring' }, comparisons: [{ base: { n: 2, value: 0.5 } }] },
      ],
    });
  });
});

test('of too many values the largest are groups, and all others one, counted together', async () => {
  const path = '/v1/kpis/csat_score?window=14d&by=survey&groups=1&compare=year';
  const { body } = await api.get(path, { 'kpi-tenant': 'compared' });
  expect(currentAnswer.parse(body)).toMatchObject({
    notes: ['the smallest values of survey, 1, are together in (other)'],
    total: { n: 5 },
    values: [
      { segment: { survey: 'spring' }, n: 4, comparisons: [{ base: { n: 0 } }] },
      { segment: { survey: '(other)' }, n: 1, comparisons: [{ base: { n: 1, value: 0 } }] },
    ],
  });
});

test.each([
  ['/v1/kpis/csat', 404, 'kpi_unknown'],
  ['/v1/kpis/csat_score?by=colour', 400, 'dimension_unknown'],
  ['/v1/kpis/csat_score?window=90m1', 400, 'parameter_invalid'],
  ['/v1/kpis/csat_score?window=7d&window=28d', 400, 'parameter_invalid'],
  ['/v1/kpis/csat_score/history?from=x', 400, 'parameter_invalid'],
  ['/v1/kpis/csat_score?compare=yesterday', 400, 'parameter_invalid'],
  ['/v1/kpis/csat_score?by=survey&groups=0', 400, 'parameter_invalid'],
  ['/v1/kpis/csat_score/history?compare=year', 400, 'parameter_invalid'],
  ['/v1/nothing', 404, 'not_found'],
])('%s is refused with %i %s', async (path, status, code) => {
  const refused = await api.get(path);
  expect(refused.status).toBe(status);
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect(refused.body).toMatchObject({ status, code });
});

test.each(['/', '/health'])('the page at %s is served with all it needs', async (path) => {
  const page = await api.get(path);
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const files = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).toMatch(/^\//);
    const { status, headers } = await api.get(file ?? '', { 'accept-encoding': 'br' });
    expect([status, headers.get('content-encoding')]).toEqual([200, 'br']);
    const isHashed = file?.startsWith('/assets/') === true;
    expect(headers.get('cache-control')).toContain(isHashed ? 'immutable' : 'no-cache');
  }
});

test('the reference of the KPIs is a page of its own, where nothing runs', async () => {
  const { status, headers, body } = await api.get('/docs/kpis');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  for (const { id } of KPIS) expect(body).toContain(`<section id="${id}"`);
  expect((await api.get('/docs')).status).toBe(200);
});

test('the whole page is small: 40 KiB over the wire', async () => {
  const { body } = await api.get('/');
  const files = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
  const sizes = await Promise.all(
    files.map(async (file) => {
      const { headers } = await api.get(file ?? '', { 'accept-encoding': 'br' });
      return Number(headers.get('content-length'));
    }),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThan(40 * 1_024);
});

test('it is ready, and counts its reads', async () => {
  expect(await api.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
  expect((await api.get('/v1/status')).body).toMatchObject({ events_counted: 0 });
  expect((await api.get('/metrics')).body).toMatch(
    /kpi_api_read_seconds_count\{store="history"\} [1-9]/,
  );
});
