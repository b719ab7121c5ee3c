import { type Line } from './lines.ts';

/** One logical line of a CSV file: its fields, or why it has none. `line` is the first physical line. */
export interface CsvRecord {
  readonly line: number;
  readonly endByte: number;
  readonly fields: readonly string[];
  readonly problem?: string;
}

/** A quoted field may contain line ends, but one that spans more lines than this lost its closing quote. */
const RECORD_LINES_MAX = 1_000;

/** How far a text went: all its fields, a quoted field that is still open at the end, or a misplaced quote. */
type Split =
  | { readonly kind: 'whole'; readonly fields: readonly string[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly problem: string };

/**
 * Read RFC 4180 records: quotes, doubled quotes, line ends inside quotes. A quote inside an unquoted field is an
 * ordinary character. Empty lines are passed over. Written here because a bad record must cost one line: the reader
 * goes on with the next physical line, and every record knows its exact place.
 */
export async function* readCsv(
  lines: AsyncIterable<Line>,
  delimiter: string,
): AsyncGenerator<CsvRecord> {
  const source = withPushBack(lines[Symbol.asyncIterator]());
  for (let line = await source.next(); line !== undefined; line = await source.next()) {
    if (line.problem !== undefined) {
      yield { line: line.number, endByte: line.endByte, fields: [], problem: line.problem };
    } else if (line.text !== '') {
      yield await readRecord(line, source, delimiter);
    }
  }
}

interface LineSource {
  next(): Promise<Line | undefined>;
  giveBack(lines: readonly Line[]): void;
}

function withPushBack(iterator: AsyncIterator<Line>): LineSource {
  let waiting: readonly Line[] = [];
  return {
    async next() {
      const [first, ...rest] = waiting;
      waiting = rest;
      if (first !== undefined) return first;
      const result = await iterator.next();
      return result.done === true ? undefined : result.value;
    },
    giveBack(lines) {
      waiting = [...lines, ...waiting];
    },
  };
}

/** The record that begins with `first`. When it never ends, only `first` is lost. */
async function readRecord(first: Line, source: LineSource, delimiter: string): Promise<CsvRecord> {
  const more: Line[] = [];
  let text = first.text;
  for (;;) {
    const split = splitRecord(text, delimiter);
    const last = more.at(-1) ?? first;
    if (split.kind === 'whole') {
      return { line: first.number, endByte: last.endByte, fields: split.fields };
    }
    const next = split.kind === 'open' ? await source.next() : undefined;
    if (next !== undefined) more.push(next);
    if (next === undefined || next.problem !== undefined || more.length >= RECORD_LINES_MAX) {
      source.giveBack(more);
      const problem = split.kind === 'broken' ? split.problem : 'has a quote that is never closed';
      return { line: first.number, endByte: first.endByte, fields: [], problem };
    }
    text += `\n${next.text}`;
  }
}

/** Split one record. `text` may hold line ends inside quotes. */
function splitRecord(text: string, delimiter: string): Split {
  if (!text.includes('"')) return { kind: 'whole', fields: text.split(delimiter) };
  const fields: string[] = [];
  let start = 0;
  for (;;) {
    const field =
      text[start] === '"' ? quotedField(text, start) : plainField(text, start, delimiter);
    if (field === undefined) return { kind: 'open' };
    fields.push(field.value);
    if (field.end === text.length) return { kind: 'whole', fields };
    if (!text.startsWith(delimiter, field.end)) {
      return {
        kind: 'broken',
        problem: `has text after the closing quote of field ${fields.length}`,
      };
    }
    start = field.end + delimiter.length;
  }
}

interface Field {
  readonly value: string;
  /** Position after the field. */
  readonly end: number;
}

function plainField(text: string, start: number, delimiter: string): Field {
  const found = text.indexOf(delimiter, start);
  const end = found < 0 ? text.length : found;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number): Field | undefined {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return undefined;
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 };
}
