import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { Screen } from './screen.ts';

/** A terminal of 20 columns and 5 lines, and what was written to it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { columns: 20, rows: 5 });
  const written: string[] = [];
  return { written, isTty: true, stream, write: (text: string) => void written.push(text) };
}

test('a view is drawn over the one before: as many lines up as that had, and everything below is cleared', () => {
  const to = terminal();
  const screen = new Screen(to);
  screen.draw('one\ntwo\nthree');
  screen.draw('four');
  screen.draw('five');
  screen.close();
  expect(to.written).toEqual([
    '\u001B[?25l',
    '\r\u001B[Jone\ntwo\nthree',
    '\u001B[2A\r\u001B[Jfour',
    '\r\u001B[Jfive',
    '\n\u001B[?25h',
  ]);
});

test('a line that would wrap is cut, and lines that do not fit are counted', () => {
  const to = terminal();
  new Screen(to).draw(['a'.repeat(30), 'b', 'c', 'd', 'e', 'f'].join('\n'));
  expect(to.written.at(-1)?.split('\n')).toEqual([
    `\r\u001B[J${'a'.repeat(19)}…`,
    'b',
    'c',
    '… 3 more lines; nar…',
  ]);
});
