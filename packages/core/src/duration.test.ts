import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  bucketEnd,
  ceilTo,
  days,
  formatDuration,
  hours,
  parseDuration,
  resolutionMs,
} from './duration.ts';

test('a duration is a whole number of minutes, hours or days', () => {
  expect(parseDuration('90m')).toBe(90 * MINUTE_MS);
  expect(parseDuration('24h')).toBe(DAY_MS);
  expect(parseDuration('28d')).toBe(days(28));
  for (const text of ['', '0d', '-1d', '1.5h', '1w', '01d', 'd', '9999999d'])
    expect(parseDuration(text)).toBeUndefined();
});

test('what is formatted is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500_000 }), (minutes) => {
      expect(parseDuration(formatDuration(minutes * MINUTE_MS))).toBe(minutes * MINUTE_MS);
    }),
  );
  expect(formatDuration(days(28))).toBe('28d');
  expect(formatDuration(hours(36))).toBe('36h');
});

test('the step grows with the window', () => {
  expect(resolutionMs(HOUR_MS)).toBe(MINUTE_MS);
  expect(resolutionMs(HOUR_MS + 1)).toBe(5 * MINUTE_MS);
  expect(resolutionMs(days(7) - 1)).toBe(5 * MINUTE_MS);
  expect(resolutionMs(days(7))).toBe(HOUR_MS);
});

test('a live value is about the end of the open bucket; a boundary belongs to the bucket it opens', () => {
  expect(bucketEnd(HOUR_MS - 1, HOUR_MS)).toBe(HOUR_MS);
  expect(bucketEnd(HOUR_MS, HOUR_MS)).toBe(2 * HOUR_MS);
});

test('rounding up keeps exactly the boundaries of an interval', () => {
  expect(ceilTo(HOUR_MS, HOUR_MS)).toBe(HOUR_MS);
  expect(ceilTo(HOUR_MS + 1, HOUR_MS)).toBe(2 * HOUR_MS);
  expect(ceilTo(Infinity, HOUR_MS)).toBe(Infinity);
});
