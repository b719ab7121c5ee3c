import { createScratch } from '@kpi/engines';
import { type Embedded, startEmbedded } from '@kpi/embedded';
import { ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { panelsOf, readDashboards, withoutVariables } from '../observability/dashboards.ts';
import { knownMetrics } from '../observability/known-metrics.ts';
import { type KnownMetrics, canShow, findPromqlProblems } from '../observability/promql.ts';
import { readRules } from '../observability/rules.ts';
import { until } from '../support/pipeline.ts';
import { removeNames, uniqueNames } from '../support/unique-names.ts';

/** All services in one process on the engines of the run, some events, and what Prometheus would then scrape. */
let embedded: Embedded;
let dataDir: { readonly path: string; remove(): Promise<void> };
let scrape: string;
let known: KnownMetrics;

const environment = { ...process.env, ...uniqueNames(), KPI_PARTITIONS: '2', KPI_HTTP_PORT: '0' };
const { alerts, recordings } = readRules();

beforeAll(async () => {
  dataDir = await createScratch();
  embedded = await startEmbedded({ dataDir: dataDir.path, environment });
  const body = JSON.stringify([
    ...Array.from({ length: 5 }, (_, number) => answer(number)),
    { event_type: 'none' },
  ]);
  const sent = await fetch(`${embedded.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await sent.json()).toMatchObject({ accepted: 5 });
  await until('values are published', async () => {
    scrape = await (await fetch(`${embedded.url}/metrics`)).text();
    return (
      /^kpi_api_value\{.*kpi="csat_score"/m.test(scrape) &&
      /^kpi_archive_rows_total 5$/m.test(scrape)
    );
  });
  known = new Map([
    ...knownMetrics(embedded.contextOf('observability').metrics, scrape),
    ['up', new Set<string>()],
    ...recordings.map(({ record }) => [record, new Set<string>()] as const),
  ]);
});

afterAll(async () => {
  await embedded.close();
  await dataDir.remove();
  await removeNames(readConfig(z.object(ENGINE_OPTIONS), environment));
});

function answer(number: number): unknown {
  return {
    event_id: `answer-${number}`,
    event_type: 'survey.response_submitted',
    source: 'test',
    occurred_at: new Date(Date.now() - 60_000).toISOString(),
    account_id: 'acme',
    user_id: `user-${number}`,
    properties: {
      survey_id: 'pulse',
      instance_id: `pulse-${number}`,
      question_id: 'q1',
      kind: 'csat',
      score: 5,
      scale_min: 1,
      scale_max: 5,
      direction: 'higher_is_better',
    },
  };
}

test.each(alerts)('$alert asks for what exists', ({ expr, annotations }) => {
  expect(findPromqlProblems(expr, known)).toEqual([]);
  for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
    expect({ label, isThere: canShow(expr, label, known) }).toEqual({ label, isThere: true });
});

test.each(recordings)('$record asks for what exists', ({ expr }) => {
  expect(findPromqlProblems(expr, known)).toEqual([]);
});

test.each(readDashboards())('$path asks for what exists', (dashboard) => {
  for (const panel of panelsOf(dashboard))
    for (const { expr, legendFormat } of panel.targets) {
      const expression = withoutVariables(expr);
      expect({ panel: panel.title, problems: findPromqlProblems(expression, known) }).toEqual({
        panel: panel.title,
        problems: [],
      });
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect({
          panel: panel.title,
          label,
          isThere: canShow(expression, label, known),
        }).toMatchObject({ isThere: true });
    }
  for (const { query } of dashboard.templating.list) {
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query.query) ?? [];
    expect(known.get(metric)?.has(label)).toBe(true);
  }
});

test('a wrong name and a wrong label are found among the real metrics', () => {
  expect(findPromqlProblems('sum(kpi_aggregate_lag_event)', known)).toEqual([
    'there is no metric kpi_aggregate_lag_event',
  ]);
  expect(findPromqlProblems('sum by (shard) (kpi_aggregate_lag_events)', known)).toEqual([
    'kpi_aggregate_lag_events has no label shard',
  ]);
});

test('names follow the house: kpi_<service>_<noun>_<unit or total>, counters end with total', () => {
  const ours = embedded
    .contextOf('observability')
    .metrics.getMetricsAsArray()
    .filter(({ name }) => name.startsWith('kpi_'))
    .map(({ name, type }) => ({ name, isCounter: String(type) === 'counter' }));
  expect(ours.length).toBeGreaterThan(40);
  for (const { name, isCounter } of ours) {
    expect(name).toMatch(
      /^kpi_(ingest|aggregate|archive|api|http|runtime|simulator)(_[a-z0-9]+)+$/,
    );
    expect({ name, ends: name.endsWith('_total') }).toEqual({ name, ends: isCounter });
  }
});

/** Figures of one metric that other tests do not look at: telemetry of the process, of HTTP and of what is built in. */
test.each([
  /^kpi_runtime_ready\{service="aggregate"\} 1$/m,
  /^kpi_runtime_ready\{service="ingest"\} 1$/m,
  /^kpi_runtime_build_info\{version="[\d.]+",node="v24[\d.]+"\} 1$/m,
  /^kpi_http_request_seconds_count\{method="POST",route="\/v1\/events",status="202"\} 1$/m,
  /^kpi_api_source_age_seconds\{source="test"\} [\d.]+$/m,
  /^kpi_api_store_evicting_servers 0$/m,
  /^kpi_api_value\{tenant="default",kpi="csat_score",window="28d"\} 1$/m,
  /^kpi_api_value_status\{tenant="default",kpi="csat_score",window="28d",status="low_n"\} 1$/m,
  /^process_resident_memory_bytes \d+$/m,
])('%s is in the scrape', (line) => {
  expect(scrape).toMatch(line);
});
