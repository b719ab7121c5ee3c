import { readFileSync, readdirSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import {
  ENVELOPE_COLUMNS,
  PLACE_COLUMNS,
  columnKindOf,
  isNullableColumn,
} from './event-columns.ts';
import { sqlText } from './sql-text.ts';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);
const FIELDS = z.array(z.object({ name: z.string(), type: z.unknown() }));
const ENVELOPE = z.object({ first: FIELDS, last: FIELDS });
const RECORD = z.object({ fields: FIELDS });

/** Every field of every schema, with its type as text. */
function schemaFields(): ReadonlyMap<string, string> {
  const files = readdirSync(SCHEMAS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.avsc'),
  );
  const fields = files.flatMap(
    (name) => RECORD.parse(JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8'))).fields,
  );
  return new Map(fields.map(({ name, type }) => [name, JSON.stringify(type)]));
}

/** Names and types of the columns in the migration that creates `events`. */
function tableColumns(): ReadonlyMap<string, string> {
  const text = sqlText('migrations/0001_create_events.sql', 'kpi');
  return new Map(
    [...text.matchAll(/^ {4}`(\w+)` (.*?),?$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}

test('every field of every event has a column of its name, and no column is without a field', () => {
  const columns = [...tableColumns().keys()].filter((name) => name !== 'is_retraction');
  const expected = [...new Set([...schemaFields().keys(), ...PLACE_COLUMNS])];
  expect(columns.toSorted()).toEqual(expected.toSorted());
});

/** What the Native format calls a column's kind; the server casts it to a dictionary where the table has one. */
const NATIVE = {
  text: 'String',
  time: "DateTime64(3, 'UTC')",
  int64: 'Int64',
  int32: 'Int32',
  uint32: 'UInt32',
  float: 'Float64',
  bool: 'Bool',
  map: 'Map(String, String)',
} as const;

test('times are columns of milliseconds, and only they', () => {
  const times = [...schemaFields()].filter(([, type]) => type.includes('timestamp-millis'));
  const names = times.map(([name]) => name).toSorted();
  const columns = [...tableColumns()].filter(([, type]) => type.includes('DateTime64'));
  expect(columns.map(([name]) => name).toSorted()).toEqual(names);
  const written = [...tableColumns().keys()].filter((name) => columnKindOf(name) === 'time');
  expect(written.toSorted()).toEqual(names);
});

test('every column is written as what it is, and as null only where it may be', () => {
  for (const [name, type] of tableColumns()) {
    if (name === 'is_retraction') continue;
    const plain = type.replace(/ CODEC.*/, '').replace(/^LowCardinality\((.*)\)$/, '$1');
    const native = NATIVE[columnKindOf(name)];
    expect([name, plain]).toEqual([name, isNullableColumn(name) ? `Nullable(${native})` : native]);
  }
});

test('what may be null in an event may be null in its column, but for keys', () => {
  const columns = tableColumns();
  const wrong = [...schemaFields()].filter(
    ([name, type]) =>
      type.includes('null') &&
      columns.get(name)?.includes('Nullable') !== true &&
      !['account_id', 'user_id'].includes(name),
  );
  expect(wrong).toEqual([]);
});

test('the envelope is written in every row', () => {
  const envelope = ENVELOPE.parse(
    JSON.parse(readFileSync(new URL('envelope.json', SCHEMAS), 'utf8')),
  );
  const names = [...envelope.first, ...envelope.last].map(({ name }) => name);
  expect([...ENVELOPE_COLUMNS].toSorted()).toEqual(names.toSorted());
});
