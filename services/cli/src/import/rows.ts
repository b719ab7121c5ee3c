import { Fault } from '@kpi/core';

import type { FileOptions } from '../mapping/mapping.ts';
import type { Row, Scalar } from '../mapping/row.ts';
import { RowProblem } from '../mapping/row.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import { type Line, readLines } from './lines.ts';

/** A row of a file with its place; `problem` instead of a row when the text has no such form. */
export type SourceRow =
  | { readonly line: number; readonly endByte: number; readonly row: Row }
  | { readonly line: number; readonly endByte: number; readonly problem: string };

/** An open file: its rows, and its columns where it has a header. */
export interface RowSource {
  readonly header: readonly string[] | undefined;
  readonly rows: AsyncIterable<SourceRow>;
  /** Stop reading and close the file; needed unless all rows were read. */
  readonly close: () => Promise<void>;
}

/** Something to read: a name for messages and its bytes. */
export interface ByteSource {
  readonly name: string;
  read(): AsyncIterable<Buffer>;
}

type RowOptions = Omit<FileOptions, 'file'>;

/** Open a file as rows. Throws a Fault `file_invalid` when it has no usable header. */
export async function openRows(source: ByteSource, options: RowOptions): Promise<RowSource> {
  const lines = readLines(source.read());
  const close = async (): Promise<void> => {
    await lines.return(undefined);
  };
  const format = options.format ?? formatByName(source.name);
  if (format === 'ndjson') {
    return { header: undefined, rows: readJsonRows(lines, options.empty), close };
  }
  const delimiter = options.delimiter ?? (source.name.endsWith('.tsv') ? '\t' : ',');
  const records = readCsv(lines, delimiter);
  const header = options.columns ?? (await readHeader(records, source.name));
  checkHeader(header, source.name);
  return { header, rows: readCsvRows(records, header, options.empty), close };
}

function formatByName(name: string): 'csv' | 'ndjson' {
  return /\.(ndjson|jsonl|json)$/i.test(name) ? 'ndjson' : 'csv';
}

async function readHeader(
  records: AsyncGenerator<CsvRecord>,
  name: string,
): Promise<readonly string[]> {
  const first = await records.next();
  if (first.done === true) throw new Fault('file_invalid', `${name} is empty: it has no header`);
  if (first.value.problem !== undefined) {
    throw new Fault('file_invalid', `${name} line ${first.value.line} ${first.value.problem}`);
  }
  return first.value.fields;
}

/** Two columns of one name would leave open which one a mapping means. */
function checkHeader(header: readonly string[], name: string): void {
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice === undefined) return;
  throw new Fault('file_invalid', `${name} has two columns called ${JSON.stringify(twice)}`);
}

async function* readCsvRows(
  records: AsyncIterable<CsvRecord>,
  header: readonly string[],
  empty: readonly string[],
): AsyncGenerator<SourceRow> {
  const positions = new Map(header.map((name, index) => [name, index]));
  const absent = new Set(['', ...empty]);
  for await (const { line, endByte, fields, problem } of records) {
    if (problem !== undefined) {
      yield { line, endByte, problem };
    } else if (fields.length === header.length) {
      yield { line, endByte, row: csvRow(fields, positions, absent) };
    } else {
      const counts = `has ${fields.length} fields where the header has ${header.length}`;
      yield { line, endByte, problem: counts };
    }
  }
}

function csvRow(
  fields: readonly string[],
  positions: ReadonlyMap<string, number>,
  absent: ReadonlySet<string>,
): Row {
  return {
    get(name) {
      const field = fields[positions.get(name) ?? -1];
      return field === undefined || absent.has(field) ? undefined : field;
    },
  };
}

async function* readJsonRows(
  lines: AsyncIterable<Line>,
  empty: readonly string[],
): AsyncGenerator<SourceRow> {
  const absent = new Set<unknown>(empty);
  for await (const line of lines) {
    if (line.text.trim() === '' && line.problem === undefined) continue;
    const parsed = parseObject(line);
    const place = { line: line.number, endByte: line.endByte };
    yield typeof parsed === 'string'
      ? { ...place, problem: parsed }
      : { ...place, row: jsonRow(parsed, absent) };
  }
}

/** The JSON object on a line, or why there is none. */
export function parseObject(line: Line): Readonly<Record<string, unknown>> | string {
  if (line.problem !== undefined) return line.problem;
  try {
    const parsed: unknown = JSON.parse(line.text);
    return isObject(parsed) ? parsed : 'is JSON but not an object';
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields of nested objects are addressed with dots, `user.plan`; a field with a dot in its name wins. */
function jsonRow(object: Readonly<Record<string, unknown>>, absent: ReadonlySet<unknown>): Row {
  return {
    get(name) {
      const value = Object.hasOwn(object, name) ? object[name] : nested(object, name.split('.'));
      return value === undefined || value === null || absent.has(value)
        ? undefined
        : asScalar(value, name);
    },
  };
}

function nested(object: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

function asScalar(value: unknown, name: string): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new RowProblem(`${name} is a list or an object, not one value`);
}
