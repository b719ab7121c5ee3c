import { days } from '@kpi/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CONSUMER_VIEWS, type ColumnType } from './consumer-views.ts';
import { type TestHistory, createTestHistory } from './test-history.ts';
import { type PublishedRow, type ValueHistory, createValueHistory } from './value-history.ts';

const TOPIC = 'kpi.values.v1';

let it: TestHistory;
let values: ValueHistory;

beforeAll(async () => {
  it = await createTestHistory();
  values = createValueHistory(it.config);
});

afterEach(async () => {
  await it.select('TRUNCATE TABLE {{database}}.published_values SYNC');
});

afterAll(async () => {
  await values.close();
  await it.close();
});

/** What is said of a value; the rest is the same for all. */
interface Said {
  readonly to: string;
  readonly value?: number | null;
  readonly revision?: number;
  readonly group?: string;
  readonly offset: number;
}

function published({ to, value = 0.5, revision = 0, group = '', offset }: Said): PublishedRow {
  return {
    tenantId: 'acme',
    windowMs: days(28),
    dimension: group === '' ? '' : 'plan',
    group,
    topic: TOPIC,
    partition: 3,
    offset,
    value: {
      kpi_id: 'csat_score',
      definition_version: 1,
      segment: { context: 'general' },
      window: { kind: 'rolling', from: '2026-01-01T00:00:00.000Z', to, resolution_ms: 3_600_000 },
      as_of: to,
      watermark: null,
      value,
      unit: 'ratio',
      currency: null,
      numerator: 1,
      denominator: 2,
      n: 2,
      ci: { level: 0.95, low: 0.1, high: 0.9, method: 'wilson' },
      status: 'low_n',
      notes: ['low_n', 'stale'],
      immature_n: 0,
      excluded: { internal: 3 },
      served_from: 'live',
      sources: {},
      revision,
      computed_at: to,
    },
  };
}

const read = (columns: string, view = 'kpi_values') =>
  it.select(`SELECT ${columns} FROM {{database}}.${view} ORDER BY window_to, revision`);

describe('published values', () => {
  test('are there once, however often they are inserted and in whatever batches', async () => {
    const rows = [0, 1, 2].map((offset) =>
      published({ to: '2026-01-05T10:00:00.000Z', revision: offset, offset }),
    );
    await values.insert(rows.slice(0, 2));
    await values.insert(rows.slice(0, 2));
    await values.insert(rows.slice(1));
    expect(await read('revision')).toEqual([{ revision: 0 }, { revision: 1 }, { revision: 2 }]);
    expect(await values.nextOffsets(TOPIC)).toEqual(new Map([[3, 3]]));
  });

  test('say everything that was published', async () => {
    await values.insert([published({ to: '2026-01-05T10:00:00.000Z', group: 'pro', offset: 7 })]);
    expect(
      await read(
        '`window`, dimension, dimension_value, dimensions, value, numerator, n, ci_low, ci_method, status, notes, excluded, toString(window_to) AS ended',
      ),
    ).toEqual([
      {
        window: '28d',
        dimension: 'plan',
        dimension_value: 'pro',
        dimensions: { context: 'general' },
        value: 0.5,
        numerator: 1,
        n: 2,
        ci_low: 0.1,
        ci_method: 'wilson',
        status: 'low_n',
        notes: ['low_n', 'stale'],
        excluded: { internal: 3 },
        ended: '2026-01-05 10:00:00.000',
      },
    ]);
  });

  test('of which a revision was published twice are shown as published last', async () => {
    const to = '2026-01-05T10:00:00.000Z';
    await values.insert([published({ to, value: 0.25, offset: 8 })]);
    await values.insert([published({ to, value: 0.5, offset: 5 })]);
    expect(await read('value')).toEqual([{ value: 0.25 }]);
  });

  test('by day are the last revision of the last window that ended that day, midnight included', async () => {
    await values.insert(
      (
        [
          ['2026-01-05T00:00:00.000Z', 0, 0.1],
          ['2026-01-05T10:00:00.000Z', 0, 0.2],
          ['2026-01-05T23:00:00.000Z', 1, null],
          ['2026-01-05T23:00:00.000Z', 0, 0.3],
          ['2026-01-06T01:00:00.000Z', 0, 0.4],
        ] as const
      ).map(([to, revision, value], offset) => published({ to, revision, value, offset })),
    );
    expect(await read('toString(day) AS day, value', 'kpi_daily')).toEqual([
      { day: '2026-01-04', value: 0.1 },
      { day: '2026-01-05', value: null },
      { day: '2026-01-06', value: 0.4 },
    ]);
  });
});

/** Types of ClickHouse that hold what a column is declared to hold; LowCardinality is how, not what. */
const TYPES: Readonly<Record<string, RegExp>> = {
  text: /^String$/,
  integer: /^U?Int(32|64)$/,
  number: /^Float64$/,
  boolean: /^Bool$/,
  time: /^DateTime64\(3, 'UTC'\)$/,
  date: /^Date$/,
  texts: /^Array\(String\)$/,
  text_map: /^Map\(String, String\)$/,
  integer_map: /^Map\(String, Int64\)$/,
};

function holds(declared: ColumnType, real: string): boolean {
  const plain = real.replace(/^LowCardinality\((.*)\)$/, '$1');
  const inner = plain.replace(/^Nullable\((.*)\)$/, '$1');
  const isNullable = inner !== plain;
  return (
    declared.endsWith('?') === isNullable && TYPES[declared.replace('?', '')]?.test(inner) === true
  );
}

test.each(CONSUMER_VIEWS.map((view) => [view.name, view] as const))(
  'the view %s has exactly the columns that are declared',
  async (name, { columns, time }) => {
    const real = z
      .array(z.object({ name: z.string(), type: z.string() }))
      .parse(await it.select(`DESCRIBE TABLE {{database}}.${name}`));
    const names = (list: readonly { readonly name: string }[]) =>
      list.map((column) => column.name).toSorted();
    expect(names(real)).toEqual(names(columns));
    expect(names(columns)).toContain(time);
    const wrong = columns.filter(
      (column) => !holds(column.type, real.find((one) => one.name === column.name)?.type ?? ''),
    );
    expect(wrong).toEqual([]);
  },
);
