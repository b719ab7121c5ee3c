import { type Kpi } from './catalogue.ts';
import { PART } from './entity.ts';
import { type CountingInterval, type Dimensions, NO_VALUE } from './kpi.ts';
import { type MeasureKind } from './measure.ts';
import { union } from './span.ts';

/** In a series of a distinct measure: summed over all values of that dimension. Never a value itself. */
export const ALL_VALUES = '\u001E';

/** One sequence of deltas: a measure of a KPI over one window, for one combination of dimension values. */
export interface SeriesId {
  readonly tenantId: string;
  readonly kpiId: string;
  readonly measure: string;
  /** 0 for a level measure, which serves every window. */
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

/** An interval of one series. */
export interface SeriesInterval {
  readonly values: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Intervals of a measure of one entity, as the series see them: distinct measures united for each subset of dimensions. */
export function seriesIntervals(
  kpi: Kpi,
  kind: MeasureKind,
  intervals: readonly CountingInterval[],
): readonly SeriesInterval[] {
  if (intervals.length === 0) return [];
  const names = allDimensions(kpi);
  if (kind !== 'distinct') {
    return intervals.map(({ from, to, weight, dimensions }) => ({
      values: valuesOf(names, dimensions),
      from,
      to,
      weight,
    }));
  }
  return subsets(kpi.dimensions).flatMap((kept) => unite(names, kept, intervals));
}

function valuesOf(names: readonly string[], dimensions: Dimensions): readonly string[] {
  return names.map((name) => dimensions[name] ?? NO_VALUE);
}

function unite(
  names: readonly string[],
  kept: ReadonlySet<string>,
  intervals: readonly CountingInterval[],
): readonly SeriesInterval[] {
  const groups = Map.groupBy(intervals, ({ dimensions }) =>
    names.map((name) => (kept.has(name) ? (dimensions[name] ?? NO_VALUE) : ALL_VALUES)).join(PART),
  );
  return [...groups].flatMap(([values, members]) => {
    const parts = values.split(PART);
    return union(members).map(({ from, to }) => ({ values: parts, from, to, weight: 1 }));
  });
}

function subsets(names: readonly string[]): readonly ReadonlySet<string>[] {
  return Array.from(
    { length: 2 ** names.length },
    (_, bits) => new Set(names.filter((_name, index) => (bits >> index) % 2 === 1)),
  );
}
