import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type CsvRecord, readCsv } from './csv.ts';
import { readLines } from './lines.ts';

async function* chunks(bytes: Buffer) {
  yield bytes;
}

async function records(text: string | Buffer, delimiter = ','): Promise<readonly CsvRecord[]> {
  return Array.fromAsync(readCsv(readLines(chunks(Buffer.from(text))), delimiter));
}

/** `line: fields` or `line: problem` of every record. */
async function summary(text: string | Buffer, delimiter?: string) {
  const found = await records(text, delimiter);
  return found.map(({ line, fields, problem }) => [line, problem ?? fields]);
}

test('fields, empty fields and empty lines', async () => {
  expect(await summary('a,b\n,\n\n1,\n')).toEqual([
    [1, ['a', 'b']],
    [2, ['', '']],
    [4, ['1', '']],
  ]);
});

test('quoted fields hold delimiters, quotes and line ends', async () => {
  expect(await summary('"a,b","say ""hi"""\r\n"two\r\nlines",x\r\n""\r\n')).toEqual([
    [1, ['a,b', 'say "hi"']],
    [2, ['two\nlines', 'x']],
    [4, ['']],
  ]);
});

test('a quote inside an unquoted field is a character', async () => {
  expect(await summary('5" pipe,b\nc,d')).toEqual([
    [1, ['5" pipe', 'b']],
    [2, ['c', 'd']],
  ]);
});

test('text after a closing quote costs that line only', async () => {
  expect(await summary('a,"b"c\nd,e')).toEqual([
    [1, 'has text after the closing quote of field 2'],
    [2, ['d', 'e']],
  ]);
});

test('a quote that is never closed costs its line only', async () => {
  expect(await summary('a,"b\nc,d\n"e",f')).toEqual([
    [1, 'has text after the closing quote of field 2'],
    [2, ['c', 'd']],
    [3, ['e', 'f']],
  ]);
  expect(await summary('a,"b\nc,d\n')).toEqual([
    [1, 'has a quote that is never closed'],
    [2, ['c', 'd']],
  ]);
});

test('a quote that is never closed in a long file does not swallow it', async () => {
  const rest = Array.from({ length: 2_500 }, (_, index) => `${index},x`);
  const found = await records(['"open,x', ...rest].join('\n'));
  expect(found[0]?.problem).toBe('has a quote that is never closed');
  expect(found).toHaveLength(rest.length + 1);
});

test('a line that is not UTF-8 inside a quoted field costs the record that it ends', async () => {
  const text = Buffer.concat([Buffer.from('"a\n'), Buffer.from([0xff]), Buffer.from('\nb,c\n')]);
  expect(await summary(text)).toEqual([
    [1, 'has a quote that is never closed'],
    [2, 'is not UTF-8'],
    [3, ['b', 'c']],
  ]);
});

test('other delimiters', async () => {
  expect(await summary('a;"b;c"\n1;2', ';')).toEqual([
    [1, ['a', 'b;c']],
    [2, ['1', '2']],
  ]);
  expect(await summary('a\tb', '\t')).toEqual([[1, ['a', 'b']]]);
});

const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '1') });

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

test('any table that is written is read back, as csv-parse reads it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(field, { minLength: 2, maxLength: 4 })), async (table) => {
      const text = table.map((fields) => fields.map(quoted).join(',')).join('\n');
      const found = (await records(text)).map(({ fields }) => fields);
      expect(found).toEqual(table);
      expect(found).toEqual(parse(text, { relax_column_count: true }));
    }),
  );
});

test('any text gives each of its lines to at most one record, in order', async () => {
  await fc.assert(
    fc.asyncProperty(field, async (text) => {
      const found = await records(text);
      const starts = found.map(({ line }) => line);
      expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
    }),
  );
});
