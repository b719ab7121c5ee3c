import { expect, test } from 'vitest';

import { evaluate, value, valueNames } from './value.ts';

const row = new Map<string, string | number | boolean>([
  ['code', 'AAA'],
  ['presentation', '2013J'],
  ['start', '2013-10-01T00:00:00.000Z'],
  ['day', '-159'],
  ['score', '78'],
  ['price', '19.99'],
  ['refund', '-0.5'],
  ['mail', 'a@example.com'],
]);

function run(given: unknown) {
  return evaluate(value.parse(given), row);
}

test.each([
  [7, 7],
  [true, true],
  ['general', 'general'],
  ['{code}-{presentation}', 'AAA-2013J'],
  ['{absent}', undefined],
  [{ text: '{code}' }, 'AAA'],
  [{ text: '{absent}', default: 'none' }, 'none'],
  [{ text: '{code}', map: { AAA: 'Arts' } }, 'Arts'],
  [{ text: '{code}', map: { BBB: 'Biology' }, default: 'Other' }, 'Other'],
  [{ text: '{absent}', map: { AAA: 'Arts' } }, undefined],
  [{ text: '{code}', map: { AAA: false } }, false],
  [{ number: '{score}' }, 78],
  [{ number: '{score}', divided_by: 100 }, 0.78],
  [{ number: '{score}', times: 2, divided_by: 4 }, 39],
  [{ number: '{code}', map: { AAA: 3 } }, 3],
  [{ minor_units: '{price}' }, 1_999],
  [{ minor_units: '{refund}' }, -50],
  [{ minor_units: '{score}', digits: 0 }, 78],
  [{ minor_units: '19.990', digits: 2 }, 1_999],
  [{ minor_units: '-0' }, 0],
  [{ date: '{presentation}', map: { '2013J': '2013-10-01' } }, '2013-10-01T00:00:00.000Z'],
  [{ date: '01.10.2013', format: 'DD.MM.YYYY' }, '2013-10-01T00:00:00.000Z'],
  [{ days: '{day}', after: '{start}' }, '2013-04-25T00:00:00.000Z'],
  [{ days: '{day}', after: '{absent}' }, undefined],
  [{ days: '{absent}', after: '{start}' }, undefined],
  [{ days: '{absent}', after: '{start}', default: 0 }, '2013-10-01T00:00:00.000Z'],
  [{ test: { score: { at_least: 40 } } }, true],
  [{ test: { absent: { present: true } } }, false],
])('%j gives %j', (given, expected) => {
  expect(run(given)).toBe(expected);
});

test('a hash is the same for the same text and tells nothing about it', () => {
  const hash = run({ hash: '{mail}' });
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(run({ hash: 'a@example.com' })).toBe(hash);
  expect(run({ hash: 'b@example.com' })).not.toBe(hash);
});

test.each([
  [{ number: '{code}' }, '"AAA" is not a number'],
  [{ text: '{code}', map: { BBB: 'Biology' } }, '"AAA" is not in the map'],
  [{ minor_units: '19.999' }, '"19.999" is not an amount with 2 decimals'],
  [{ minor_units: '1e3' }, 'is not an amount'],
  [{ minor_units: '999999999999999.99' }, 'is not an amount'],
  [{ date: '{code}' }, '"AAA" is not a date (format iso)'],
  [{ days: '{code}', after: '{start}' }, '"AAA" is not a number'],
  [{ days: '{day}', after: '{code}' }, '"AAA" is not a date'],
])('%j is a problem of the row: %s', (given, message) => {
  expect(() => run(given)).toThrow(message);
});

const OPERATORS = 'exactly one of text, number, minor_units, date, days, hash, test';

test.each([
  [null, OPERATORS],
  [[], OPERATORS],
  [{}, OPERATORS],
  [{ nuber: '{score}' }, OPERATORS],
  [{ text: 'a', number: '1' }, OPERATORS],
  [{ number: '{score}', divided_by: 0 }, 'must not be 0'],
  [{ days: '1' }, 'expected string, received undefined'],
  [{ date: '1', format: 'american' }, 'must be iso, epoch_seconds, epoch_ms or a pattern'],
  [{ minor_units: '1', digits: 9 }, 'expected number to be <=4'],
  [{ text: 'a', divided_by: 2 }, 'Unrecognized key: "divided_by"'],
  [{ test: {} }, 'a condition needs a test'],
  ['{code', 'a single { in a template is written {{'],
])('%j is no value', (given, message) => {
  expect(value.safeParse(given).error?.issues[0]?.message).toContain(message);
});

test('the names that a value reads are known before any row', () => {
  expect(valueNames(value.parse({ days: '{day}', after: '{start}' }))).toEqual(['day', 'start']);
  expect(valueNames(value.parse({ test: { score: 1, code: 'a' } }))).toEqual(['score', 'code']);
  expect(valueNames(value.parse(3))).toEqual([]);
});
