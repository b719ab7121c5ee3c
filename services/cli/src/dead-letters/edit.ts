import { Fault } from '@kpi/core';

import { openRows } from '../import/rows.ts';
import { mapRow } from '../mapping/map-row.ts';
import type { MappingFile } from '../mapping/read-mapping.ts';
import type { WholeLetter } from './letter-client.ts';

/** What is sent in place of a letter's body. */
export type Edit = (letter: WholeLetter) => Promise<readonly unknown[]>;

/** One `--set properties.score=5`, or `--unset acount_id` without a value. */
export interface FieldEdit {
  readonly path: readonly string[];
  readonly value?: unknown;
}

type Fields = { [name: string]: unknown };

/** `properties.score=5`: a value that is JSON is taken as such, anything else as text. Undefined when there is no name. */
export function parseSet(text: string): FieldEdit | undefined {
  const [, path, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) return undefined;
  const parsed = parseJson(value);
  return { path: path.split('.'), value: parsed === undefined ? value : parsed };
}

export function parseUnset(text: string): FieldEdit {
  return { path: text.split('.') };
}

/** The event of a letter with some of its fields changed. */
export function editFields(edits: readonly FieldEdit[]): Edit {
  return async (letter) => {
    const event = requireObject(letter);
    for (const edit of edits) apply(event, edit);
    return [event];
  };
}

/** Whatever the letter holds, these instead. */
export function replaceBy(events: readonly unknown[]): Edit {
  return async () => events;
}

/** The letter as a row of the one input of a mapping, as `kpi import` would read it from an NDJSON file. */
export function mapLetter({ mapping, place }: MappingFile): Edit {
  const [input, second] = mapping.inputs;
  if (input === undefined || second !== undefined || Object.keys(mapping.lookups).length > 0) {
    throw new Fault(
      'mapping_invalid',
      `${place(['inputs'])}: for dead letters a mapping has one input and no lookups`,
    );
  }
  return async (letter) => {
    const line = Buffer.from(`${JSON.stringify(requireObject(letter))}\n`);
    const source = { name: 'letter.ndjson', read: () => once(line) };
    const { rows } = await openRows(source, { format: 'ndjson', empty: input.empty });
    for await (const row of rows) {
      if ('problem' in row) throw cannot(letter, row.problem);
      const outcome = mapRow(row.row, input, { mapping, find: () => undefined });
      if (outcome.kind !== 'events') throw cannot(letter, outcome.reason);
      if (outcome.events.length === 0) throw cannot(letter, 'no rule of the mapping fits it');
      return outcome.events;
    }
    throw cannot(letter, 'it is empty');
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function apply(event: Fields, { path, value }: FieldEdit): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete event[name];
    else event[name] = value;
    return;
  }
  const inner = event[name];
  const copy = isFields(inner) ? { ...inner } : {};
  apply(copy, { path: rest, ...(value === undefined ? {} : { value }) });
  event[name] = copy;
}

/** What can be edited is canonical JSON, one event. */
function requireObject(letter: WholeLetter): Fields {
  const parsed = letter.text === null ? undefined : parseJson(letter.text);
  if (letter.content_type !== 'application/json' || !isFields(parsed)) {
    throw cannot(letter, `it is no JSON event (${letter.content_type}); give one with --event`);
  }
  return { ...parsed };
}

function cannot({ id }: WholeLetter, why: string): Fault {
  return new Fault('event_invalid', `letter ${id} cannot be changed so: ${why}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
