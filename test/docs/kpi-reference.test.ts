import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { KPIS } from '@kpi/core';
import { expect, test } from 'vitest';

import { kpiReference } from './kpi-reference.ts';
import { referenceMarkdown } from './reference-markdown.ts';
import { referencePage } from './reference-page.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each([
  ['packages/core/KPIS.md', referenceMarkdown],
  ['services/api/src/kpi-reference.gen.html', referencePage],
])('%s is that of the declarations and examples: run `pnpm gen`', (path, made) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(made());
});

test.each(KPIS)('every number of $id has a worked example', ({ id, variants }) => {
  const section = kpiReference().find((one) => one.id === id);
  const worked = section?.examples.flatMap(({ values }) => values.map(({ variant }) => variant));
  expect(new Set(worked)).toEqual(new Set(variants.map(({ name }) => name)));
});

test('the page has a place for every KPI, and no text becomes an element', () => {
  const page = referencePage();
  for (const { id } of KPIS) expect(page).toContain(`<section id="${id}"`);
  const elements = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name]) => name));
  expect(elements).not.toContain('script');
});
