import { describe, expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { days, hours } from './duration.ts';
import { Fault } from './fault.ts';
import { type KpiQuery } from './kpi.ts';
import { SeriesIndex } from './series-index.ts';
import { ALL_VALUES, type SeriesId, parseSeriesName, seriesName } from './series.ts';

const CHURN: SeriesId = {
  tenantId: 'acme',
  kpiId: 'customer_churn_rate',
  measure: 'start',
  windowMs: days(28),
  values: ['pro', ''],
};

const TICKETS: SeriesId = {
  tenantId: 'acme',
  kpiId: 'support_ticket_rate',
  measure: 'exposure_ms',
  windowMs: 0,
  values: ['true', '0-28', 'pro'],
};

function query(asked: Partial<KpiQuery>): KpiQuery {
  return {
    tenantId: 'acme',
    kpiId: 'customer_churn_rate',
    windowMs: days(28),
    asOf: [days(100)],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
    ...asked,
  };
}

test('the name of a series is read back', () => {
  for (const id of [CHURN, TICKETS]) expect(parseSeriesName(seriesName(id))).toEqual(id);
  expect(() => parseSeriesName('acme')).toThrow(RangeError);
});

test('without by there is one row for every instant, also when nothing is known', () => {
  const rows = new SeriesIndex().read(query({ asOf: [0, 1] }));
  expect(rows.map(({ asOf, group }) => ({ asOf, group }))).toEqual([
    { asOf: 0, group: [] },
    { asOf: 1, group: [] },
  ]);
  expect(new Set(rows.flatMap(({ components }) => Object.values(components)))).toEqual(
    new Set([0n]),
  );
});

test('a value is the sum of the steps up to its instant, and a series that sums to nothing is gone', () => {
  const index = new SeriesIndex();
  const name = seriesName(CHURN);
  index.add(name, hours(2), 3);
  index.add(name, hours(4), -1);
  const asOf = [hours(2) - 1, hours(2), hours(4)];
  const starts = index.read(query({ asOf })).map(({ components }) => components['start']);
  expect(starts).toEqual([0n, 3n, 2n]);
  index.add(name, hours(2), -3);
  index.add(name, hours(4), 1);
  expect([...index.steps()]).toEqual([]);
});

test('groups hold only what counts, and a filter keeps what it names', () => {
  const index = new SeriesIndex();
  index.add(seriesName(CHURN), 0, 1);
  index.add(seriesName({ ...CHURN, values: ['team', ''] }), 0, 2);
  index.add(seriesName({ ...CHURN, values: ['free', ''] }), days(200), 4);
  const groups = index.read(query({ by: ['plan'] }));
  expect(groups.map(({ group, components }) => [group, components['start']])).toEqual([
    [['pro'], 1n],
    [['team'], 2n],
  ]);
  const [filtered] = index.read(query({ filter: { plan: ['team', 'free'] } }));
  expect(filtered?.components['start']).toBe(2n);
});

test('a question asked again sees steps and series that came meanwhile', () => {
  const index = new SeriesIndex();
  const plans = (): unknown =>
    index
      .read(query({ by: ['plan'] }))
      .map(({ group, components }) => [...group, components['start']]);
  index.add(seriesName(CHURN), 0, 1);
  expect(plans()).toEqual([['pro', 1n]]);
  index.add(seriesName(CHURN), 0, 1);
  expect(plans()).toEqual([['pro', 2n]]);
  index.add(seriesName({ ...CHURN, values: ['team', ''] }), 0, 3);
  expect(plans()).toEqual([
    ['pro', 2n],
    ['team', 3n],
  ]);
});

test('person-time is the time at a level within the window, until the moment of reading', () => {
  const index = new SeriesIndex();
  index.add(seriesName(TICKETS), days(80) + 1, 2);
  const asked = query({ kpiId: 'support_ticket_rate', windowMs: days(28) });
  const lived = (clipAt?: number): bigint | undefined =>
    index.read({ ...asked, ...(clipAt === undefined ? {} : { clipAt }) })[0]?.components[
      'exposure_ms'
    ];
  expect(lived()).toBe(2n * BigInt(days(20) - 1));
  expect(lived(days(90))).toBe(2n * BigInt(days(10) - 1));
  expect(lived(days(50))).toBe(0n);
});

describe('what is counted once', () => {
  const accounts = (values: readonly string[]): SeriesId => ({
    ...TICKETS,
    measure: 'accounts',
    windowMs: days(28),
    values,
  });

  test('is read from the series of just the dimensions that are asked for', () => {
    const index = new SeriesIndex();
    index.add(seriesName(accounts([ALL_VALUES, ALL_VALUES, ALL_VALUES])), 0, 1);
    index.add(seriesName(accounts(['true', ALL_VALUES, ALL_VALUES])), 0, 1);
    index.add(seriesName(accounts(['false', ALL_VALUES, ALL_VALUES])), 0, 1);
    const asked = query({ kpiId: 'support_ticket_rate' });
    expect(index.read(asked)[0]?.components['accounts']).toBe(1n);
    const split = index.read({ ...asked, by: ['trained'] });
    expect(split.map(({ components }) => components['accounts'])).toEqual([1n, 1n]);
  });

  test('cannot be pooled over several values: such a question is for history', () => {
    const asked = query({
      kpiId: 'support_ticket_rate',
      filter: { plan: ['pro', 'team'] },
    });
    expect(new SeriesIndex().canAnswer(asked)).toBe(false);
    expect(() => new SeriesIndex().read(asked)).toThrow(Fault);
  });
});

test('a window that is not kept live is refused', () => {
  expect(new SeriesIndex().canAnswer(query({ windowMs: days(5) }))).toBe(false);
  expect(() => new SeriesIndex().read(query({ kpiId: 'none' }))).toThrow(Fault);
});

test('values that are not kept are one group, unless an entity could count twice in it', () => {
  const index = new SeriesIndex();
  for (const [plan, weight] of [
    ['pro', 1],
    ['team', 2],
    ['free', 4],
  ] as const)
    index.add(seriesName({ ...CHURN, values: [plan, ''] }), 0, weight);
  const asked = query({ by: ['plan'], keep: { plan: ['team'] } });
  const groups = index.read(asked);
  expect(groups.map(({ group, components }) => [group, components['start']])).toEqual([
    [['(other)'], 5n],
    [['team'], 2n],
  ]);
  expect(index.canAnswer(asked)).toBe(true);
  expect(index.canAnswer({ ...asked, kpiId: 'sales_growth_rate' })).toBe(false);
});
