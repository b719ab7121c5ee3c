import { DAY_MS, bucketEnd, days, resolutionMs } from '@kpi/core';

import { type RawParameters, invalid, readDuration, readInstant } from './parameters.ts';

/** Parameters of a history that are about time. */
export const AXIS_PARAMETERS = ['from', 'to', 'interval', 'as_of'] as const;

export const POINTS_MAX = 1_000;
const POINTS_BY_DEFAULT = 90;
/** Twenty years: no event of interest is older, and a bound on what one query may touch. */
const SPAN_MS_MAX = days(7_320);

/**
 * As-of times of a history, ascending: `as_of` alone, or from `from` to `to` (both included) every `interval`; by default
 * the last 90 days at midnight UTC. Throws `parameter_invalid` for too many points, and for times to come: nothing is
 * known of them.
 */
export function readAxis(
  raw: RawParameters,
  options: { readonly nowMs: number; readonly windowMs: number },
): readonly number[] {
  const lastMs = bucketEnd(options.nowMs, resolutionMs(options.windowMs));
  const asOf = readInstant(raw, 'as_of');
  if (asOf !== undefined) {
    const other = ['from', 'to', 'interval'].find((name) => raw[name] !== undefined);
    if (other !== undefined) throw invalid(other, `${other} and as_of exclude each other`);
    return [requireKnown('as_of', asOf, lastMs)];
  }
  const interval = readDuration(raw, 'interval', DAY_MS);
  const byDefault = Math.floor(options.nowMs / interval) * interval;
  const to = requireKnown('to', readInstant(raw, 'to') ?? byDefault, lastMs);
  const from = readInstant(raw, 'from') ?? Math.max(0, to - (POINTS_BY_DEFAULT - 1) * interval);
  return points({ from: requireKnown('from', from, lastMs), to, interval });
}

function points(axis: { readonly from: number; readonly to: number; readonly interval: number }) {
  const { from, to, interval } = axis;
  if (from > to) throw invalid('from', 'from lies after to');
  if (to - from > SPAN_MS_MAX) throw invalid('from', 'a history spans at most 7320d');
  const count = Math.floor((to - from) / interval) + 1;
  if (count > POINTS_MAX) {
    throw invalid(
      'interval',
      `${count} points are more than ${POINTS_MAX}: take a longer interval`,
    );
  }
  return Array.from({ length: count }, (_, index) => from + index * interval);
}

function requireKnown(name: string, at: number, lastMs: number): number {
  if (at < 0) throw invalid(name, `${name} lies before 1970`);
  if (at > lastMs) throw invalid(name, `${name} lies in the future`);
  return at;
}
