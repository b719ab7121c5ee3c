import { Fault } from '@kpi/core';

import type { Lookup } from '../mapping/mapping.ts';
import type { Row, Scalar } from '../mapping/row.ts';
import { type ByteSource, type SourceRow, openRows } from './rows.ts';

/** A file held in memory and found by key. */
export interface LoadedLookup {
  readonly header: readonly string[] | undefined;
  find(key: readonly Scalar[]): Row | undefined;
}

/** A lookup lives in memory, at some 300 bytes a row; larger files belong on the row side of a join. */
const LOOKUP_ROWS_MAX = 2_000_000;

/** Load a lookup. Throws a Fault `file_invalid`: a lookup with a bad row, or two rows for one key, answers wrongly. */
export async function loadLookup(source: ByteSource, lookup: Lookup): Promise<LoadedLookup> {
  const { header, rows } = await openRows(source, lookup);
  const found = new Map<string, { readonly line: number; readonly row: Row }>();
  for await (const each of rows) {
    const { row, key } = readKey(each, source.name, lookup.key);
    const earlier = found.get(key);
    if (earlier !== undefined) {
      const both = `${source.name} line ${each.line} has the key of line ${earlier.line}`;
      throw new Fault('file_invalid', `${both}: ${key}`);
    }
    if (found.size >= LOOKUP_ROWS_MAX) {
      throw new Fault('file_invalid', `${source.name} has more than ${LOOKUP_ROWS_MAX} rows`);
    }
    found.set(key, { line: each.line, row });
  }
  return { header, find: (key) => found.get(formatKey(key))?.row };
}

function readKey(
  each: SourceRow,
  name: string,
  columns: readonly string[],
): { readonly row: Row; readonly key: string } {
  const place = `${name} line ${each.line}`;
  if ('problem' in each) throw new Fault('file_invalid', `${place} ${each.problem}`);
  const { row } = each;
  const key = columns.map((column) => {
    const part = row.get(column);
    if (part === undefined) throw new Fault('file_invalid', `${place} has no ${column}`);
    return part;
  });
  return { row, key: formatKey(key) };
}

/** Keys compare as text, so that a number in JSON finds the same number in CSV. */
function formatKey(key: readonly Scalar[]): string {
  return JSON.stringify(key.map(String));
}
