import { expect, test } from 'vitest';

import { LINE_BYTES_MAX, type Line, readLines } from './lines.ts';

async function lines(...chunks: readonly (string | Buffer)[]): Promise<readonly Line[]> {
  const source = async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };
  return Array.fromAsync(readLines(source()));
}

test('lines end with LF or CRLF, and the last one needs no end', async () => {
  expect(await lines('a\r\nb\n\nc')).toEqual([
    { number: 1, endByte: 3, text: 'a' },
    { number: 2, endByte: 5, text: 'b' },
    { number: 3, endByte: 6, text: '' },
    { number: 4, endByte: 7, text: 'c' },
  ]);
});

test('an empty file has no lines', async () => {
  expect(await lines()).toEqual([]);
  expect(await lines('')).toEqual([]);
});

test('where the bytes are cut does not matter, not even inside a character or a CRLF', async () => {
  const whole = Buffer.from('naïve\r\n漢字\nend');
  const expected = await lines(whole);
  for (let cut = 1; cut < whole.length; cut += 1) {
    expect(await lines(whole.subarray(0, cut), whole.subarray(cut))).toEqual(expected);
  }
});

test('a byte order mark is dropped at the start of the file only', async () => {
  expect((await lines('\uFEFFid\n\uFEFFx')).map(({ text }) => text)).toEqual(['id', '\uFEFFx']);
});

test('a line that is not UTF-8 is a problem of that line alone', async () => {
  const found = await lines(Buffer.from([0x61, 0xe9, 0x0a]), 'b\n');
  expect(found).toEqual([
    { number: 1, endByte: 3, text: '', problem: 'is not UTF-8' },
    { number: 2, endByte: 5, text: 'b' },
  ]);
});

test('a line beyond the limit is a problem of that line alone', async () => {
  const long = 'x'.repeat(LINE_BYTES_MAX / 2 + 1);
  const found = await lines(long, long, '\nb');
  expect(found.map(({ text, problem }) => problem ?? text)).toEqual([
    `is longer than ${LINE_BYTES_MAX} bytes`,
    'b',
  ]);
  expect((await lines('x'.repeat(LINE_BYTES_MAX)))[0]?.problem).toBeUndefined();
});
