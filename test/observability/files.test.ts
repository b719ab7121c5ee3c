import { expect, test } from 'vitest';

import { ROOT, readFile, readFiles } from '../tidy/repository.ts';
import { findLayoutProblems, panelsOf, readDashboards } from './dashboards.ts';
import { readRules } from './rules.ts';

const SECTIONS = ['## What it means', '## How to see it', '## What to do', '## When it is over'];

/** `KpiStoreEvicting` is explained in `kpi-store-evicting.md`. */
function runbookOf(alert: string): string {
  const name = alert.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `infra/runbooks/${name}.md`;
}

const { alerts, recordings } = readRules();

test('there are alerts and recordings, each of its own name', () => {
  expect(alerts.length).toBeGreaterThan(15);
  const names = [...alerts.map(({ alert }) => alert), ...recordings.map(({ record }) => record)];
  expect(new Set(names).size).toBe(names.length);
});

test.each(alerts)('$alert has a runbook that says everything', ({ alert, annotations }) => {
  expect(annotations.runbook).toBe(runbookOf(alert));
  const text = readFile(annotations.runbook);
  expect(text.startsWith(`# ${alert}\n`)).toBe(true);
  for (const section of SECTIONS) expect(text).toContain(`\n${section}\n`);
});

test('every runbook belongs to an alert', () => {
  const wanted = new Set(alerts.map(({ alert }) => runbookOf(alert)));
  const pages = readFiles('infra/runbooks/kpi-*.md').map(({ path }) => path);
  expect(pages.filter((path) => !wanted.has(path))).toEqual([]);
  expect(pages).toHaveLength(alerts.length);
});

test('a runbook that is missing is noticed', () => {
  expect(() => readFile(runbookOf('KpiPlantedAlert'))).toThrow(
    `${ROOT}infra/runbooks/kpi-planted-alert.md`,
  );
});

test.each(readDashboards())(
  '$path: no panel lies over another, and each says what it shows',
  (dashboard) => {
    expect(findLayoutProblems(dashboard)).toEqual([]);
    expect(dashboard.tags).toContain('kpi-stream');
    expect(panelsOf(dashboard).length).toBeGreaterThan(5);
  },
);

test('panels that overlap or share an id are found', () => {
  const panel = { id: 1, type: 'row', title: 'a', gridPos: { h: 2, w: 12, x: 0, y: 0 } } as const;
  const other = { ...panel, title: 'b', gridPos: { h: 1, w: 14, x: 11, y: 1 } };
  expect(findLayoutProblems({ panels: [panel, other] })).toEqual([
    'a lies over b',
    'a and b have one id',
    'b is wider than the page',
  ]);
});
