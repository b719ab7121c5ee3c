import { type Kpi } from './catalogue.ts';
import { DeltaSheet } from './delta-sheet.ts';
import { HOUR_MS, ceilTo, days } from './duration.ts';
import { kpiOf } from './kpis/index.ts';
import {
  LEVEL,
  LEVEL_REST,
  type SeriesId,
  parseSeriesName,
  seriesName,
  stepMsOf,
} from './series.ts';

/** Values this long ago can still be read and corrected live (KPI_SPEC 7.3). */
const READABLE_MS = days(7);
/** Steps of a level this long ago lie in closed buckets, whatever the reader's clock. */
const EXACT_MS = HOUR_MS;

/**
 * What to add to a store's steps so that they become few. Steps older than the live horizon become one per series; steps of a
 * level that were kept to the ms and lie in a closed bucket become two numbers per bucket. No value that can still be read
 * changes: the sum of a series up to any later boundary stays. Person-time is a difference of integrals between two later
 * instants, so when before them a level began does not matter.
 */
export function foldSheet(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
  nowMs: number,
): DeltaSheet {
  const sheet = new DeltaSheet();
  const known = new Map<string, Folding>();
  for (const [series, boundary, weight] of steps) {
    const folding = known.get(series) ?? foldingOf(series, nowMs);
    known.set(series, folding);
    const { id, horizon, levelStepMs } = folding;
    if (boundary < horizon) {
      sheet.add(series, boundary, -weight);
      sheet.add(series, horizon, weight);
    } else if (levelStepMs !== undefined && boundary < nowMs - EXACT_MS) {
      roundUp(sheet, id, { boundary, weight, stepMs: levelStepMs });
    }
  }
  return sheet;
}

/** How the steps of one series fold. */
interface Folding {
  readonly id: SeriesId;
  readonly horizon: number;
  /** Undefined for what is no level. */
  readonly levelStepMs: number | undefined;
}

function foldingOf(series: string, nowMs: number): Folding {
  const id = parseSeriesName(series);
  const kpi = kpiOf(id.kpiId);
  const isLevel = id.windowMs === LEVEL && kpi !== undefined;
  return {
    id,
    horizon: horizonOf(id, kpi, nowMs),
    levelStepMs: isLevel ? stepMsOf(kpi, LEVEL) : undefined,
  };
}

/** Steps before it fold. A level is read back to the start of the longest window. */
function horizonOf({ windowMs }: SeriesId, kpi: Kpi | undefined, nowMs: number): number {
  const lookBackMs = windowMs > LEVEL ? 0 : Math.max(0, ...(kpi?.windows ?? []));
  return Math.floor((nowMs - READABLE_MS - lookBackMs) / HOUR_MS) * HOUR_MS;
}

function roundUp(
  sheet: DeltaSheet,
  id: SeriesId,
  step: { readonly boundary: number; readonly weight: number; readonly stepMs: number },
): void {
  const { boundary, weight } = step;
  const end = ceilTo(boundary, step.stepMs);
  if (end === boundary) return;
  const level = seriesName(id);
  sheet.add(level, boundary, -weight);
  sheet.add(level, end, weight);
  sheet.add(seriesName({ ...id, windowMs: LEVEL_REST }), end, weight * (end - boundary));
}
