import { type KpiEvent } from '@kpi/core';

import {
  ENVELOPE_COLUMNS,
  type EventRow,
  KEY_COLUMNS,
  PLACE_COLUMNS,
  TIME_COLUMNS,
  propertiesOf,
} from './event-columns.ts';

/** Rows as text, for `INSERT INTO events (columns) FORMAT TabSeparated`. */
export interface TabSeparated {
  readonly columns: readonly string[];
  /** Chunks of whole lines, made as they are read: a large batch never exists twice in memory. */
  readonly chunks: Iterable<string>;
}

const ROWS_PER_CHUNK = 1_000;
const NULL = String.raw`\N`;

/** What DateTime64 can hold: the years 1900 to 2299. */
const TIME_MS_MIN = Date.UTC(1900, 0, 1);
const TIME_MS_MAX = Date.UTC(2300, 0, 1) - 1;
/** Decimal seconds are read as such only with ten digits before the point. */
const TEN_DIGITS_MS_MIN = 1_000_000_000_000;
const TEN_DIGITS_MS_MAX = 9_999_999_999_999;

/**
 * Rows as tab-separated text: the columns of all rows' types, `\N` where a row's type has none. The same rows give the same
 * bytes. Times outside the years 1900 to 2299 become the nearest that the column can hold.
 */
export function toTabSeparated(rows: readonly EventRow[]): TabSeparated {
  const properties = new Map<string, readonly string[]>();
  for (const { event } of rows) {
    if (!properties.has(event.event_type)) properties.set(event.event_type, propertiesOf(event));
  }
  const names = [...new Set([...properties.values()].flat())].toSorted();
  const own = new Map(
    [...properties].map(([type, list]) => {
      const known = new Set(list);
      return [type, names.map((name) => (known.has(name) ? name : undefined))];
    }),
  );
  return {
    columns: [...PLACE_COLUMNS, ...ENVELOPE_COLUMNS, ...names],
    chunks: chunksOf(rows, (row) => line(row, own.get(row.event.event_type) ?? [])),
  };
}

function* chunksOf(
  rows: readonly EventRow[],
  lineOf: (row: EventRow) => string,
): Generator<string, void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_CHUNK) {
    let chunk = '';
    for (const row of rows.slice(start, start + ROWS_PER_CHUNK)) chunk += lineOf(row);
    yield chunk;
  }
}

/** An interface as a type that may be read by any name. */
type Plain<T> = T extends unknown ? { readonly [Name in keyof T]: T[Name] } : never;

function line(row: EventRow, names: readonly (string | undefined)[]): string {
  const { topic, partition, offset, event } = row;
  let text = `${escape(topic)}\t${partition}\t${offset}`;
  for (const name of ENVELOPE_COLUMNS) text += `\t${cell(name, event[name])}`;
  const plain: Plain<KpiEvent> = event;
  const fields: Readonly<Record<string, unknown>> = plain;
  for (const name of names)
    text += name === undefined ? `\t${NULL}` : `\t${cell(name, fields[name])}`;
  return `${text}\n`;
}

function cell(name: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return escape(value);
    case 'number':
      return TIME_COLUMNS.has(name) ? time(value) : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      if (typeof value === 'object' && value !== null) return map(value);
      return KEY_COLUMNS.has(name) ? '' : NULL;
  }
}

function map(value: object): string {
  const entries = Object.entries(value).map(
    ([key, text]) => `${quote(key)}:${quote(String(text))}`,
  );
  return `{${entries.join(',')}}`;
}

function time(value: number): string {
  const ms = Math.min(Math.max(value, TIME_MS_MIN), TIME_MS_MAX);
  if (ms < TEN_DIGITS_MS_MIN || ms > TEN_DIGITS_MS_MAX) {
    return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
  }
  const digits = String(ms);
  return `${digits.slice(0, 10)}.${digits.slice(10)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\\': String.raw`\\`,
  "'": String.raw`\'`,
};

function escape(text: string): string {
  return /[\t\n\r\\]/.test(text) ? text.replaceAll(/[\t\n\r\\]/g, escapeOf) : text;
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\t\n\r\\']/g, escapeOf)}'`;
}

function escapeOf(character: string): string {
  return ESCAPES[character] ?? character;
}
