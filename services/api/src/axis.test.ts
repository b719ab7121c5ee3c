import { DAY_MS, days } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { POINTS_MAX, readAxis } from './axis.ts';
import type { RawParameters } from './parameters.ts';

const NOW = Date.UTC(2026, 2, 1, 10, 20);

function axis(raw: RawParameters): readonly number[] {
  return readAxis(raw, { nowMs: NOW, windowMs: days(28) });
}

describe('history', () => {
  test('is by default the last 90 midnights', () => {
    const times = axis({});
    expect(times).toHaveLength(90);
    expect(times.at(-1)).toBe(Date.UTC(2026, 2, 1));
    expect(times[0]).toBe(Date.UTC(2026, 2, 1) - 89 * DAY_MS);
  });

  test('holds both ends', () => {
    expect(
      axis({ from: '2026-01-01', to: '2026-01-03' }).map((at) => new Date(at).toISOString()),
    ).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z']);
  });

  test('of one as-of time is one point', () => {
    expect(axis({ as_of: '2016-01-01T00:00:00Z' })).toEqual([Date.UTC(2016, 0, 1)]);
  });

  test('may end with the open bucket, not later', () => {
    expect(axis({ as_of: '2026-03-01T11:00:00Z' })).toEqual([Date.UTC(2026, 2, 1, 11)]);
  });

  test('has at most a thousand points', () => {
    const to = '2026-01-01T00:00:00Z';
    const fits = new Date(Date.parse(to) - (POINTS_MAX - 1) * 60_000).toISOString();
    const tooLong = new Date(Date.parse(to) - POINTS_MAX * 60_000).toISOString();
    expect(axis({ from: fits, to, interval: '1m' })).toHaveLength(POINTS_MAX);
    expect(() => axis({ from: tooLong, to, interval: '1m' })).toThrow(
      expect.objectContaining({ code: 'parameter_invalid', path: '/query/interval' }),
    );
  });

  test.each([
    [{ as_of: '2026-03-01T11:00:00.001Z' }, '/query/as_of'],
    [{ as_of: '2026-01-01', from: '2026-01-01' }, '/query/from'],
    [{ as_of: '2026-01-01', interval: '1d' }, '/query/interval'],
    [{ from: '2026-01-02', to: '2026-01-01' }, '/query/from'],
    [{ from: '1969-12-31' }, '/query/from'],
    [{ from: '1980-01-01', interval: '365d' }, '/query/from'],
    [{ interval: '1w' }, '/query/interval'],
    [{ from: ['2026-01-01', '2026-01-02'] }, '/query/from'],
  ])('%j is refused', (raw, path) => {
    expect(() => axis(raw)).toThrow(expect.objectContaining({ code: 'parameter_invalid', path }));
  });
});
