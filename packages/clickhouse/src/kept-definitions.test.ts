import { DEFAULT_DEFINITIONS, type Definitions, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { isAnsweredBy, isDerivedBy, noteOf, tenantGroups } from './kept-definitions.ts';

const OWN: Definitions = { ...DEFAULT_DEFINITIONS, changes: 1, trainingCourses: ['basics'] };
/** Does not decide any unit. */
const OTHER_LIMIT: Definitions = { ...DEFAULT_DEFINITIONS, changes: 4, lowN: 5 };
const ALL = new Map([
  ['acme', OWN],
  ['globex', { ...OWN, changes: 7 }],
  ['initech', OTHER_LIMIT],
]);

function query(tenantId: string, definitions: Definitions) {
  return { tenantId, definitions };
}

test('tenants whose definitions give the same units are derived together', () => {
  expect(tenantGroups(ALL)).toEqual([
    { definitions: DEFAULT_DEFINITIONS, tenants: undefined },
    { definitions: OWN, tenants: ['acme', 'globex'] },
  ]);
  expect(tenantGroups(new Map())).toHaveLength(1);
});

test.each([
  ['acme', OWN, true],
  ['acme', DEFAULT_DEFINITIONS, false],
  ['acme', { ...OWN, completion: { ...OWN.completion, horizonMs: days(14) } }, true],
  ['initech', DEFAULT_DEFINITIONS, true],
  ['initech', OTHER_LIMIT, true],
  ['another', DEFAULT_DEFINITIONS, true],
  ['another', OWN, false],
  ['constructor', DEFAULT_DEFINITIONS, true],
])(
  '%s: a question is answered by what was derived by the same definitions',
  (tenantId, definitions, isAnswered) => {
    const note = noteOf(ALL, 'queries');
    expect(isAnsweredBy(note, 'queries', query(tenantId, definitions))).toBe(isAnswered);
    expect(isDerivedBy(ALL, query(tenantId, definitions))).toBe(isAnswered);
    expect(isAnsweredBy(note, 'other queries', query(tenantId, definitions))).toBe(false);
  },
);

test('what an earlier version has kept answers nothing', () => {
  const note = JSON.stringify({ queries: 'queries', reportingCurrency: 'EUR' });
  expect(isAnsweredBy(note, 'queries', query('acme', DEFAULT_DEFINITIONS))).toBe(false);
});
