import { Fault } from '@kpi/core';

import { type RowOutcome, mapRow } from '../mapping/map-row.ts';
import type { Input } from '../mapping/mapping.ts';
import { firstUnknownName, namesUsed } from '../mapping/mapping-names.ts';
import type { MappingFile } from '../mapping/read-mapping.ts';
import { type ImportFile, fitsPattern } from './files.ts';
import { readLines } from './lines.ts';
import { type LoadedLookup, loadLookup } from './lookup.ts';
import { openRows, parseObject } from './rows.ts';

/** One row of an input, already turned into events. */
export interface PlannedRow {
  readonly line: number;
  readonly endByte: number;
  readonly outcome: RowOutcome;
}

/** One pass over one file. */
export interface PlannedInput {
  readonly file: ImportFile;
  readonly rows: () => AsyncIterable<PlannedRow>;
}

/** Canonical events, one JSON object a line: nothing to map. */
export function planEvents(files: readonly ImportFile[]): readonly PlannedInput[] {
  return files.map((file) => ({ file, rows: () => readEventLines(file) }));
}

async function* readEventLines(file: ImportFile): AsyncGenerator<PlannedRow> {
  for await (const line of readLines(file.read())) {
    if (line.text.trim() === '' && line.problem === undefined) continue;
    const parsed = parseObject(line);
    const outcome: RowOutcome =
      typeof parsed === 'string'
        ? { kind: 'refused', reason: parsed }
        : { kind: 'events', events: [parsed] };
    yield { line: line.number, endByte: line.endByte, outcome };
  }
}

/**
 * Passes over `files` as the mapping describes them, in its order. Loads the lookups and holds every name of the mapping
 * against the columns first, so that a mistake shows before anything is sent.
 */
export async function planMapping(
  mappingFile: MappingFile,
  files: readonly ImportFile[],
): Promise<readonly PlannedInput[]> {
  const { mapping } = mappingFile;
  checkEveryFileIsKnown(mappingFile, files);
  const lookups = await loadLookups(mappingFile, files);
  const find = (lookup: string, key: Parameters<LoadedLookup['find']>[0]) =>
    lookups.get(lookup)?.find(key);
  const planned: PlannedInput[] = [];
  for (const [index, input] of mapping.inputs.entries()) {
    for (const file of filesFor(input.file, files, mappingFile.place(['inputs', index, 'file']))) {
      await checkNames(file, { mappingFile, index, input, lookups });
      const map = (row: Parameters<typeof mapRow>[0]) => mapRow(row, input, { mapping, find });
      planned.push({ file, rows: () => readMappedRows(file, input, map) });
    }
  }
  return planned;
}

async function* readMappedRows(
  file: ImportFile,
  input: Input,
  map: (row: Parameters<typeof mapRow>[0]) => RowOutcome,
): AsyncGenerator<PlannedRow> {
  const source = await openRows(file, input);
  try {
    for await (const row of source.rows) {
      const outcome: RowOutcome =
        'problem' in row ? { kind: 'refused', reason: row.problem } : map(row.row);
      yield { line: row.line, endByte: row.endByte, outcome };
    }
  } finally {
    await source.close();
  }
}

async function loadLookups(
  { mapping, place }: MappingFile,
  files: readonly ImportFile[],
): Promise<ReadonlyMap<string, LoadedLookup>> {
  const loaded = new Map<string, LoadedLookup>();
  for (const [name, lookup] of Object.entries(mapping.lookups)) {
    const where = place(['lookups', name, 'file']);
    const [file, second] = filesFor(lookup.file, files, where);
    if (file === undefined || second !== undefined) {
      throw new Fault(
        'mapping_invalid',
        `${where}: a lookup is one file, ${lookup.file} fits more`,
      );
    }
    loaded.set(name, await loadLookup(file, lookup));
  }
  return loaded;
}

function filesFor(
  pattern: string,
  files: readonly ImportFile[],
  where: string,
): readonly ImportFile[] {
  const found = files.filter(({ name }) => fitsPattern(name, pattern));
  if (found.length > 0) return found;
  const given = files.map(({ name }) => name).join(', ');
  throw new Fault('not_found', `${where}: no file fits ${pattern} (given: ${given})`);
}

function checkEveryFileIsKnown({ mapping }: MappingFile, files: readonly ImportFile[]): void {
  const patterns = [...Object.values(mapping.lookups), ...mapping.inputs].map(({ file }) => file);
  const stray = files.find(
    ({ name, isNamed }) => isNamed && !patterns.some((pattern) => fitsPattern(name, pattern)),
  );
  if (stray === undefined) return;
  const known = [...new Set(patterns)].join(', ');
  throw new Fault('parameter_invalid', `the mapping does not mention ${stray.path} (but ${known})`);
}

interface NameCheck {
  readonly mappingFile: MappingFile;
  readonly index: number;
  readonly input: Input;
  readonly lookups: ReadonlyMap<string, LoadedLookup>;
}

async function checkNames(file: ImportFile, check: NameCheck): Promise<void> {
  const { mappingFile, index, input, lookups } = check;
  const { header, close } = await openRows(file, input);
  await close();
  const unknown = firstUnknownName(input, {
    uses: namesUsed(input, mappingFile.mapping.lookups),
    header,
    lookupHeader: (name) => lookups.get(name)?.header,
  });
  if (unknown === undefined) return;
  const where = mappingFile.place(['inputs', index, ...unknown.path]);
  const columns = header === undefined ? '' : ` (columns of ${file.name}: ${header.join(', ')})`;
  throw new Fault('mapping_invalid', `${where}: nothing is called ${unknown.name}${columns}`);
}
