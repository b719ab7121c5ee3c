import { DEFAULT_DEFINITIONS, type Definitions, Fault, type Kpi, kpiOf } from '@kpi/core';
import { expect, test } from 'vitest';

import { readVersion } from './versions.ts';

const found = kpiOf('course_completion_rate');
if (found === undefined) throw new RangeError('no such KPI');
const kpi: Kpi = found;

function changed(changes: number): Definitions {
  return { ...DEFAULT_DEFINITIONS, lowN: changes, changes };
}

/** What a version says when two changes are in force and a third was applied since. */
async function definitionsIn(version?: string): Promise<Definitions> {
  return readVersion(version === undefined ? {} : { definition_version: version }, {
    kpi,
    tenantId: 'acme',
    inForce: changed(2),
    readChange: (_, changes) => Promise.resolve(changes > 3 ? undefined : changed(changes)),
  });
}

test('without a version the definitions in force are meant', async () => {
  expect(await definitionsIn()).toEqual(changed(2));
});

test('each change raised the version by one, from that of the default on', async () => {
  expect(await definitionsIn('1')).toEqual(DEFAULT_DEFINITIONS);
  expect(await definitionsIn('2')).toEqual(changed(1));
  expect(await definitionsIn('3')).toEqual(changed(2));
  expect(await definitionsIn('4')).toEqual(changed(3));
});

test.each(['0', '5', 'newest', '1.5', '-1'])('%s is no version', async (version) => {
  await expect(definitionsIn(version)).rejects.toThrow(Fault);
  await expect(definitionsIn(version)).rejects.toMatchObject({
    code: 'parameter_invalid',
    path: '/query/definition_version',
    detail: 'course_completion_rate has versions from 1 on; 3 is in force',
  });
});
