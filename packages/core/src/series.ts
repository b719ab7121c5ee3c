import { type Kpi } from './catalogue.ts';
import { resolutionMs } from './duration.ts';
import { PART } from './entity.ts';

/** In a series of a distinct measure: summed over all values of that dimension. Never a value itself. */
export const ALL_VALUES = '\u001E';

/** In place of a window: the steps of a level, to the ms or rounded up to a bucket. */
export const LEVEL = 0;

/**
 * In place of a window: the person-time that rounding the steps of a level up left out, weight times ms, known from the end of
 * the bucket on. With it, steps of a whole bucket are two numbers, and exact at every boundary.
 */
export const LEVEL_REST = -1;

/** One sequence of deltas: a measure of a KPI over one window, for one combination of dimension values. */
export interface SeriesId {
  readonly tenantId: string;
  readonly kpiId: string;
  readonly measure: string;
  /** {@link LEVEL} and {@link LEVEL_REST} for a level measure, which serves every window. */
  readonly windowMs: number;
  /** Values of the KPI's dimensions, then of its hidden ones. */
  readonly values: readonly string[];
}

/** The text that names a series in the store. */
export function seriesName(id: SeriesId): string {
  return [id.tenantId, id.kpiId, id.measure, String(id.windowMs), ...id.values].join(PART);
}

/** Reads what {@link seriesName} wrote. Throws on anything else: the store is corrupt. */
export function parseSeriesName(name: string): SeriesId {
  const [tenantId, kpiId, measure, windowMs, ...values] = name.split(PART);
  if (
    tenantId === undefined ||
    kpiId === undefined ||
    measure === undefined ||
    windowMs === undefined
  ) {
    throw new RangeError('a series name has at least four parts');
  }
  return { tenantId, kpiId, measure, windowMs: Number(windowMs), values };
}

/** Names of all dimensions of a KPI in the order of {@link SeriesId.values}. */
export function allDimensions(kpi: Kpi): readonly string[] {
  return [...kpi.dimensions, ...kpi.hidden];
}

/** Length of the buckets of a window's series; of a level's, the shortest that any window of the KPI is read at. */
export function stepMsOf(kpi: Kpi, windowMs: number): number {
  return resolutionMs(windowMs > LEVEL ? windowMs : Math.min(...kpi.windows));
}
