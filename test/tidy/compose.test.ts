import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

import { apiOptions } from '@kpi/api';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import {
  type Compose,
  type ServiceOptions,
  type Surroundings,
  findComposeProblems,
  readCompose,
} from './compose.ts';
import { ROOT, readFile, readFiles } from './repository.ts';
import { readServiceOptions } from './service-options.ts';

const FOLDERS = ['ingest', 'aggregate', 'archive', 'api', 'cli'].map((name) => `services/${name}`);
const TEXT = readFile('docker-compose.yml');

let around: Surroundings;

beforeAll(async () => {
  const options = new Map<string, ServiceOptions>();
  for (const folder of FOLDERS) options.set(folder, await readServiceOptions(folder));
  around = {
    optionsOf: (folder) => options.get(folder),
    exists: (path) => existsSync(join(ROOT, path)),
  };
});

function problemsAfter(from: string, to: string): readonly string[] {
  expect(TEXT).toContain(from);
  return findComposeProblems(readCompose(TEXT.replace(from, to)), around);
}

test('every program, variable, value, file and dependency of the compose file exists', () => {
  expect(findComposeProblems(readCompose(TEXT), around)).toEqual([]);
});

test('the four services, their engines and their telemetry are there', () => {
  const compose: Compose = readCompose(TEXT);
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining(
      'ingest aggregate archive api prepare kafka registry redis clickhouse prometheus grafana'.split(
        ' ',
      ),
    ),
  );
});

test.each([
  ['a misspelt variable', 'KPI_PARTITIONS:', 'KPI_PARTITION:', 'KPI_PARTITION is no option'],
  [
    'a variable of another service',
    "KPI_PARTITIONS: '32'",
    'KPI_FUTURE_MS_MAX: 1',
    'aggregate: KPI_FUTURE_MS_MAX',
  ],
  ['a value that is refused', "KPI_PARTITIONS: '32'", "KPI_PARTITIONS: 'many'", 'KPI_PARTITIONS'],
  ['a program that is gone', 'services/archive/src', 'services/archiver/src', 'does not exist'],
  ['a file that is gone', './infra/prometheus/prometheus.yml', './infra/prom.yml', 'there is no'],
  ['a volume nobody declares', "['redis:/data']", "['radish:/data']", 'there is no radish'],
  ['a wait for nothing', 'redis: { condition', 'radish: { condition', 'does not exist'],
])('%s is found', (_, from, to, problem) => {
  expect(problemsAfter(from, to)).toContainEqual(expect.stringContaining(problem));
});

test('the image holds the packages of every program that the compose file runs', () => {
  const dockerfile = readFile('infra/docker/Dockerfile');
  for (const folder of FOLDERS) expect(dockerfile).toContain(`'@kpi/${folder.slice(9)}...'`);
});

test('the image builds the page, and has it where the api looks for it', () => {
  const dockerfile = readFile('infra/docker/Dockerfile');
  const folder = relative(ROOT, apiOptions.parse({}).KPI_DASHBOARD_DIR);
  const build = dockerfile.indexOf('node services/dashboard/build.mjs');
  const copy = dockerfile.indexOf(`COPY --from=page /app/${folder} ./${folder}`);
  expect(build).toBeGreaterThan(dockerfile.indexOf("--filter '@kpi/dashboard...'"));
  expect(copy).toBeGreaterThan(build);
  expect(readFile('.dockerignore').split('\n')).toContain('**/dist');
});

test('Prometheus and Grafana ask for what exists', () => {
  const scrape = z
    .object({ scrape_configs: z.array(z.object({ job_name: z.string() })) })
    .parse(parse(readFile('infra/prometheus/prometheus.yml')));
  const { services } = readCompose(TEXT);
  for (const { job_name: job } of scrape.scrape_configs) expect(services).toHaveProperty(job);

  const dashboard = readFile('infra/grafana/dashboards/pipeline.json');
  const asked = new Set(dashboard.match(/kpi_\w+?(?=_bucket|_count|_sum|\[)/g));
  expect(asked.size).toBeGreaterThan(3);
  const sources = readFiles('{packages,services}/*/src/**/*.ts').map(({ text }) => text);
  const unknown = [...asked].filter((name) => !sources.some((text) => text.includes(`'${name}'`)));
  expect(unknown).toEqual([]);
});
