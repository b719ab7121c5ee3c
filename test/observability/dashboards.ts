import { z } from 'zod';

import { readFiles } from '../tidy/repository.ts';

const DATASOURCE = z.object({ type: z.literal('prometheus'), uid: z.literal('prometheus') });

const GRID = z.object({ h: z.int().min(1), w: z.int().min(1).max(24), x: z.int(), y: z.int() });

const PANEL = z.object({
  id: z.int(),
  type: z.enum(['timeseries', 'stat']),
  title: z.string().min(1),
  description: z.string(),
  datasource: DATASOURCE,
  gridPos: GRID,
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
  targets: z
    .array(
      z.object({
        refId: z.string(),
        expr: z.string(),
        legendFormat: z.string(),
        datasource: DATASOURCE,
      }),
    )
    .min(1),
});

const ROW = z.object({ id: z.int(), type: z.literal('row'), title: z.string(), gridPos: GRID });

const VARIABLE = z.object({
  name: z.string(),
  query: z.object({ query: z.string().regex(/^label_values\(\w+, \w+\)$/) }),
});

const DASHBOARD = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  tags: z.array(z.string()),
  panels: z.array(z.union([ROW, PANEL])),
  templating: z.object({ list: z.array(VARIABLE) }),
});

export type Dashboard = z.infer<typeof DASHBOARD>;
export type Panel = z.infer<typeof PANEL>;

/** Every dashboard of `infra/grafana/dashboards/`. Throws on a file that Grafana would show broken. */
export function readDashboards(): readonly (Dashboard & { readonly path: string })[] {
  return readFiles('infra/grafana/dashboards/*.json').map(({ path, text }) => ({
    ...DASHBOARD.parse(JSON.parse(text)),
    path,
  }));
}

export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return dashboard.panels.filter((panel): panel is Panel => panel.type !== 'row');
}

/** Panels that lie over each other or outside the grid of 24 columns, and ids that are taken twice. */
export function findLayoutProblems({ panels }: Pick<Dashboard, 'panels'>): readonly string[] {
  return panels.flatMap((panel, index) => {
    const { x, w } = panel.gridPos;
    const others = panels.slice(index + 1);
    return [
      ...(x + w > 24 ? [`${panel.title} is wider than the page`] : []),
      ...others
        .filter((other) => isOver(panel.gridPos, other.gridPos))
        .map((other) => `${panel.title} lies over ${other.title}`),
      ...others
        .filter((other) => other.id === panel.id)
        .map((other) => `${panel.title} and ${other.title} have one id`),
    ];
  });
}

type Grid = z.infer<typeof GRID>;

function isOver(a: Grid, b: Grid): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Grafana's variables as Prometheus would see them. */
export function withoutVariables(expression: string): string {
  return expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, 'any');
}
