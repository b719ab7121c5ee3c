import { expect, test } from 'vitest';

import { addDays, formatDate, isDateFormat, parseDate } from './date.ts';

test.each([
  ['2013-10-01', 'iso', '2013-10-01T00:00:00.000Z'],
  ['2013-10-01T12:30:15Z', 'iso', '2013-10-01T12:30:15.000Z'],
  ['2013-10-01 12:30', 'iso', '2013-10-01T12:30:00.000Z'],
  ['2013-10-01T12:30:15.5+02:00', 'iso', '2013-10-01T10:30:15.500Z'],
  ['2013-10-01T00:30:00-05:30', 'iso', '2013-10-01T06:00:00.000Z'],
  ['2013-10-01T12:30:15.123456789Z', 'iso', '2013-10-01T12:30:15.123Z'],
  ['2012-02-29', 'iso', '2012-02-29T00:00:00.000Z'],
  ['1380585600', 'epoch_seconds', '2013-10-01T00:00:00.000Z'],
  ['1380585600.25', 'epoch_seconds', '2013-10-01T00:00:00.250Z'],
  ['1380585600000', 'epoch_ms', '2013-10-01T00:00:00.000Z'],
  ['01/10/2013', 'DD/MM/YYYY', '2013-10-01T00:00:00.000Z'],
  ['10.1.2013 [7h]', 'MM.D.YYYY', undefined],
  ['20131001-123015', 'YYYYMMDD-HHmmss', '2013-10-01T12:30:15.000Z'],
])('%s in the format %s is %s', (text, format, expected) => {
  if (expected === undefined) {
    expect(() => parseDate(text, format)).toThrow('is not a date');
  } else {
    expect(formatDate(parseDate(text, format))).toBe(expected);
  }
});

test.each([
  ['2013-02-29', 'iso'],
  ['2013-13-01', 'iso'],
  ['2013-10-01T24:00:00Z', 'iso'],
  ['2013-10-01T12:60:00Z', 'iso'],
  ['yesterday', 'iso'],
  ['', 'iso'],
  ['31/02/2013', 'DD/MM/YYYY'],
  ['2013-10-01', 'DD/MM/YYYY'],
  ['01x10x2013', 'DD.MM.YYYY'],
  ['soon', 'epoch_ms'],
  ['9999999999999999', 'epoch_ms'],
])('%s is no date in the format %s', (text, format) => {
  expect(() => parseDate(text, format)).toThrow('is not a date');
});

test('days are added as 24 hours, also before the start and in fractions', () => {
  const start = parseDate('2013-10-01', 'iso');
  expect(formatDate(addDays(start, 268))).toBe('2014-06-26T00:00:00.000Z');
  expect(formatDate(addDays(start, -159))).toBe('2013-04-25T00:00:00.000Z');
  expect(formatDate(addDays(start, 0.5))).toBe('2013-10-01T12:00:00.000Z');
});

test.each([
  ['iso', true],
  ['epoch_seconds', true],
  ['DD/MM/YYYY', true],
  ['DD/MM', false],
  ['american', false],
])('%s is a date format: %s', (format, expected) => {
  expect(isDateFormat(format)).toBe(expected);
});
