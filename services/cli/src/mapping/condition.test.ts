import { expect, test } from 'vitest';

import { condition, holds } from './condition.ts';

const row = new Map<string, string | number | boolean>([
  ['result', 'Pass'],
  ['score', '40'],
  ['is_banked', 1],
  ['note', 'n/a'],
]);

test.each([
  [{ result: 'Pass' }, true],
  [{ result: 'Fail' }, false],
  [{ result: ['Pass', 'Distinction'] }, true],
  [{ is_banked: '1' }, true],
  [{ is_banked: true }, false],
  [{ absent: 'Pass' }, false],
  [{ result: { not: 'Fail' } }, true],
  [{ result: { not: ['Pass', 'Fail'] } }, false],
  [{ absent: { not: 'Pass' } }, true],
  [{ result: { present: true } }, true],
  [{ absent: { present: true } }, false],
  [{ absent: { present: false } }, true],
  [{ score: { at_least: 40 } }, true],
  [{ score: { above: 40 } }, false],
  [{ score: { at_most: 40 } }, true],
  [{ score: { below: 40 } }, false],
  [{ score: { above: 39.5, below: 40.5 } }, true],
  [{ absent: { at_least: 0 } }, false],
  [{ result: 'Pass', score: { below: 40 } }, false],
  [{ result: 'Pass', score: { below: 41, not: 39 } }, true],
])('%j holds: %s', (given, expected) => {
  expect(holds(condition.parse(given), row)).toBe(expected);
});

test('a number test of a text that is no number is a problem of the row', () => {
  expect(() => holds(condition.parse({ note: { at_least: 1 } }), row)).toThrow(
    'note is "n/a", not a number',
  );
});

test.each([
  [{}, 'a condition needs a test'],
  [{ score: {} }, 'a test needs one of present, not, at_least, above, at_most, below'],
  [{ score: { atleast: 3 } }, 'Unrecognized key: "atleast"'],
  [{ score: [] }, 'expected array to have >=1 items'],
  [{ score: null }, 'expected a value or a list of values'],
  [{ score: { at_least: 'x' } }, 'expected number'],
])('%j is refused', (given, message) => {
  expect(condition.safeParse(given).error?.issues[0]?.message).toContain(message);
});
