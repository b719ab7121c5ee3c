import { DeltaSheet } from './deltas.ts';
import { HOUR_MS, days } from './duration.ts';
import { kpiOf } from './kpis/index.ts';
import { parseSeriesName } from './series.ts';

/** Values this long ago can still be read and corrected live (KPI_SPEC 7.3). */
const READABLE_MS = days(7);

/**
 * What to add to a store's steps so that those older than the live horizon become one per series. No value that can still
 * be read changes: the sum of a series up to any later boundary stays, and of a level its integral too.
 */
export function foldSheet(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
  nowMs: number,
): DeltaSheet {
  const sheet = new DeltaSheet();
  const old = new Map<string, { sum: number; moment: bigint }>();
  for (const [series, boundary, weight] of steps) {
    const horizon = horizonOf(series, nowMs);
    if (boundary >= horizon) continue;
    sheet.add(series, boundary, -weight);
    const folded = old.get(series) ?? { sum: 0, moment: 0n };
    folded.sum += weight;
    folded.moment += BigInt(weight) * BigInt(horizon - boundary);
    old.set(series, folded);
  }
  for (const [series, { sum, moment }] of old) {
    const horizon = horizonOf(series, nowMs);
    sheet.add(series, horizon, sum);
    if (isLevel(series)) addMoment(sheet, series, { horizon, moment });
  }
  return sheet;
}

/** The time lived before the horizon, as a short and high level just before it: an hour's share and the rest in 1 ms. */
function addMoment(
  sheet: DeltaSheet,
  series: string,
  past: { horizon: number; moment: bigint },
): void {
  const perHour = BigInt(HOUR_MS);
  addBlock(sheet, series, {
    from: past.horizon - HOUR_MS,
    to: past.horizon,
    height: Number(past.moment / perHour),
  });
  addBlock(sheet, series, {
    from: past.horizon - 1,
    to: past.horizon,
    height: Number(past.moment % perHour),
  });
}

function addBlock(
  sheet: DeltaSheet,
  series: string,
  block: { from: number; to: number; height: number },
): void {
  if (block.height === 0) return;
  sheet.add(series, block.from, block.height);
  sheet.add(series, block.to, -block.height);
}

/** Steps before it fold. A level is read back to the start of the longest window. */
function horizonOf(series: string, nowMs: number): number {
  const { kpiId, windowMs } = parseSeriesName(series);
  const lookBackMs = windowMs === 0 ? Math.max(0, ...(kpiOf(kpiId)?.windows ?? [])) : 0;
  return Math.floor((nowMs - READABLE_MS - lookBackMs) / HOUR_MS) * HOUR_MS;
}

function isLevel(series: string): boolean {
  return parseSeriesName(series).windowMs === 0;
}
