import { DeltaSheet } from './deltas.ts';
import { HOUR_MS, days } from './duration.ts';
import { kpiOf } from './kpis/index.ts';
import { parseSeriesName } from './series.ts';

/** Values this long ago can still be read and corrected live (KPI_SPEC 7.3). */
const READABLE_MS = days(7);

/**
 * What to add to a store's steps so that those older than the live horizon become one per series. No value that can still
 * be read changes: the sum of a series up to any later boundary stays. Person-time is a difference of integrals between two
 * later instants, so when before them a level began does not matter.
 */
export function foldSheet(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
  nowMs: number,
): DeltaSheet {
  const sheet = new DeltaSheet();
  for (const [series, boundary, weight] of steps) {
    const horizon = horizonOf(series, nowMs);
    if (boundary >= horizon) continue;
    sheet.add(series, boundary, -weight);
    sheet.add(series, horizon, weight);
  }
  return sheet;
}

/** Steps before it fold. A level is read back to the start of the longest window. */
function horizonOf(series: string, nowMs: number): number {
  const { kpiId, windowMs } = parseSeriesName(series);
  const lookBackMs = windowMs === 0 ? Math.max(0, ...(kpiOf(kpiId)?.windows ?? [])) : 0;
  return Math.floor((nowMs - READABLE_MS - lookBackMs) / HOUR_MS) * HOUR_MS;
}
