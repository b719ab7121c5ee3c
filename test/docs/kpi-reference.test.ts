import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { KPIS } from '@kpi/core';
import { expect, test } from 'vitest';

import { kpiReference } from './kpi-reference.ts';

test('the reference of the KPIs is that of their declarations: run `pnpm gen`', () => {
  const path = join(import.meta.dirname, '../../packages/core/KPIS.md');
  expect(readFileSync(path, 'utf8')).toBe(kpiReference());
});

test.each(KPIS)('$id has a worked example', ({ id }) => {
  const section = kpiReference()
    .split('## ')
    .find((text) => text.includes(`\`${id}\`, definition`));
  expect(section).toMatch(/^- .+ → .*\*\*/m);
});
