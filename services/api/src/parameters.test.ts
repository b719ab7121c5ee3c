import { Fault, type Kpi, days, hours, kpiOf } from '@kpi/core';
import { DEFAULT_DEFINITIONS } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { findAddress } from './address.ts';
import {
  type RawParameters,
  readBaselines,
  readDefinitions,
  readInstant,
  readSelection,
} from './parameters.ts';

function kpi(id: string): Kpi {
  const found = kpiOf(id);
  if (found === undefined) throw new Error(`no KPI ${id}`);
  return found;
}

const CSAT = kpi('csat_score');
const ADDRESS_OF_CSAT = findAddress('csat_score', DEFAULT_DEFINITIONS);
const EFFORT = kpi('customer_effort_score');
const TICKETS = kpi('support_ticket_rate');

function faultOf(run: () => unknown): { code: string; path: string | undefined; detail: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, path: error.path, detail: error.detail };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function select(raw: RawParameters, of: Kpi = TICKETS) {
  return readSelection(of, raw, []);
}

describe('filter', () => {
  test('a repeated name is or, different names are and', () => {
    const filter = { plan: ['pro', 'free'], trained: ['true'] };
    expect(select({ filter: 'plan:pro,plan:free,trained:true' }).filter).toEqual(filter);
    expect(select({ filter: ['plan:pro,free', 'trained:true'] }).filter).toEqual(filter);
    expect(select({ plan: ['pro', 'free'], trained: 'true' }).filter).toEqual(filter);
    expect(select({ plan: 'pro,free', filter: 'trained:true,plan:pro' }).filter).toEqual(filter);
  });

  test('a value may hold a colon, and a comma when it is escaped', () => {
    expect(select({ filter: String.raw`plan:a:b\,c` }).filter).toEqual({ plan: ['a:b,c'] });
  });

  test('contexts are not pooled unless asked for', () => {
    expect(select({}, CSAT).filter).toEqual({ context: ['general'] });
    expect(select({ context: 'ticket' }, CSAT).filter).toEqual({ context: ['ticket'] });
    expect(select({ by: 'context' }, CSAT).filter).toEqual({});
    expect(select({ by: 'plan', survey: 's1' }, CSAT).filter).toEqual({
      context: ['general'],
      survey: ['s1'],
    });
  });

  test('scales of effort are never averaged with each other', () => {
    expect(select({}, EFFORT).filter).toEqual({ scale: ['7_high'] });
    expect(select({ scale: '5_low' }, EFFORT).filter).toEqual({ scale: ['5_low'] });
    const pooled = faultOf(() => select({ filter: 'scale:7_high,5_low' }, EFFORT));
    expect(pooled).toMatchObject({ code: 'parameter_invalid', path: '/query/scale' });
  });

  test.each([
    [{ filter: 'colour:red' }, 'dimension_unknown', '/query/filter'],
    [{ by: 'plan,colour' }, 'dimension_unknown', '/query/by'],
    [{ filter: '__proto__:x' }, 'dimension_unknown', '/query/filter'],
    [{ filter: 'pro' }, 'parameter_invalid', '/query/filter'],
    [{ plan: '' }, 'parameter_invalid', '/query/plan'],
    [{ plan: 'x'.repeat(201) }, 'parameter_invalid', '/query/plan'],
    [
      { plan: Array.from({ length: 101 }, (_, at) => `p${at}`) },
      'parameter_invalid',
      '/query/filter',
    ],
    [{ windw: '7d' }, 'parameter_invalid', '/query/windw'],
    [{ horizon: '7d' }, 'parameter_invalid', '/query/horizon'],
  ])('%j is refused as %s', (raw, code, path) => {
    expect(faultOf(() => select(raw))).toMatchObject({ code, path });
  });

  test('an unknown dimension names those there are', () => {
    expect(faultOf(() => select({ by: 'colour' })).detail).toContain('trained, tenure, plan');
  });
});

test('groups limits the values of a dimension beside each other', () => {
  expect(select({}).groupsMax).toBe(100);
  expect(select({ groups: '5' }).groupsMax).toBe(5);
  for (const groups of ['0', '1001', '-1', 'all', '1.5'])
    expect(faultOf(() => select({ groups }))).toMatchObject({ path: '/query/groups' });
});

describe('window', () => {
  test('is the default of the KPI unless given', () => {
    expect(select({}).windowMs).toBe(days(28));
    expect(select({ window: '24h' }).windowMs).toBe(hours(24));
  });

  test.each(['7', '1w', '-7d', '0d', '1.5d', '7321d', '7 d', '10081m', '61m'])(
    '%s is refused',
    (window) => {
      expect(faultOf(() => select({ window }))).toMatchObject({
        code: 'parameter_invalid',
        path: '/query/window',
      });
    },
  );

  test('given twice is refused', () => {
    expect(faultOf(() => select({ window: ['7d', '28d'] })).code).toBe('parameter_invalid');
  });
});

describe('instants', () => {
  test.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.250+02:00', Date.UTC(2026, 0, 31, 10, 0, 0, 250)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('%s is read', (as_of, at) => {
    expect(readInstant({ as_of }, 'as_of')).toBe(at);
  });

  test.each([
    'yesterday',
    '2026-13-01',
    '2026-01-31T12:00',
    '1769860800000',
    '2026-01-31 12:00:00Z',
  ])('%s is refused', (as_of) => {
    expect(faultOf(() => readInstant({ as_of }, 'as_of'))).toMatchObject({
      code: 'parameter_invalid',
      path: '/query/as_of',
    });
  });
});

test('a value is compared with the window before, a year ago, or both', () => {
  expect(readBaselines({})).toEqual([]);
  expect(readBaselines({ compare: 'year' })).toEqual(['year']);
  expect(readBaselines({ compare: ['year,previous', 'year'] })).toEqual(['year', 'previous']);
  const refused = faultOf(() => readBaselines({ compare: 'yesterday' }));
  expect(refused).toMatchObject({ code: 'parameter_invalid', path: '/query/compare' });
});

test('an age in months changes the definitions of what is told until an age', () => {
  const observed = findAddress('clv_observed', DEFAULT_DEFINITIONS);
  const changed = readDefinitions(observed, { age: '12' }, DEFAULT_DEFINITIONS);
  expect(changed).toEqual({ ...DEFAULT_DEFINITIONS, observedAgeMonths: 12 });
  for (const age of ['0', '121', '1.5', 'six'])
    expect(faultOf(() => readDefinitions(observed, { age }, DEFAULT_DEFINITIONS)).path).toBe(
      '/query/age',
    );
  expect(
    faultOf(() => readDefinitions(ADDRESS_OF_CSAT, { age: '6' }, DEFAULT_DEFINITIONS)).detail,
  ).toBe('csat_score has no age');
});

test('a horizon is that of the variants that have one', () => {
  const conversion = findAddress('referral_rate.conversion', DEFAULT_DEFINITIONS);
  const changed = readDefinitions(conversion, { horizon: '14d' }, DEFAULT_DEFINITIONS);
  expect(changed).toEqual({ ...DEFAULT_DEFINITIONS, referral: { horizonMs: days(14) } });
  const base = findAddress('referral_rate', DEFAULT_DEFINITIONS);
  const refused = faultOf(() => readDefinitions(base, { horizon: '14d' }, DEFAULT_DEFINITIONS));
  expect(refused).toMatchObject({ path: '/query/horizon', detail: 'referral_rate has no horizon' });
});

test('a horizon changes the definitions of a cohort KPI for one question', () => {
  const runs = findAddress('course_completion_rate', DEFAULT_DEFINITIONS);
  const changed = readDefinitions(runs, { horizon: '14d' }, DEFAULT_DEFINITIONS);
  expect(changed.completion.horizonMs).toBe(days(14));
  expect(changed.completion.graceMs).toBe(DEFAULT_DEFINITIONS.completion.graceMs);
  expect(
    faultOf(() => readDefinitions(ADDRESS_OF_CSAT, { horizon: '14d' }, DEFAULT_DEFINITIONS)).path,
  ).toBe('/query/horizon');
});
