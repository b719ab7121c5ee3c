import { type Kpi } from './catalogue.ts';
import { intervalsOf, type UnitSet } from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { ceilTo, resolutionMs } from './duration.ts';
import { KPIS } from './kpis/index.ts';
import { type Measure } from './measure.ts';
import { seriesIntervals, seriesName } from './series.ts';

/** A level measure keeps its steps to the millisecond; person-time is clipped at the moment of reading. */
const LEVEL_STEP_MS = 1;

/** Changes of many series at many buckets, summed: what is written to the store. Zero changes vanish. */
export class DeltaSheet {
  readonly #series = new Map<string, Map<number, number>>();

  /** Add `weight` to the change of a series at a boundary, ms. */
  add(series: string, boundary: number, weight: number): void {
    const steps = this.#series.get(series);
    if (steps === undefined) {
      if (weight !== 0) this.#series.set(series, new Map([[boundary, weight]]));
      return;
    }
    const sum = (steps.get(boundary) ?? 0) + weight;
    if (sum !== 0) {
      steps.set(boundary, sum);
      return;
    }
    steps.delete(boundary);
    if (steps.size === 0) this.#series.delete(series);
  }

  /** Every remaining change. */
  *changes(): Generator<readonly [series: string, boundary: number, weight: number]> {
    for (const [series, steps] of this.#series) {
      for (const [boundary, weight] of steps) yield [series, boundary, weight];
    }
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }
}

export interface CountOptions {
  readonly tenantId: string;
  readonly definitions: Definitions;
  /** +1 enters what the units count, -1 withdraws it. */
  readonly sign: 1 | -1;
}

interface CountedMeasure {
  readonly kpi: Kpi;
  readonly name: string;
  readonly measure: Measure;
  /** Only 0 for a level, which serves every window. */
  readonly windows: readonly number[];
}

/** An entity is one unit, which only some measures are about; looking at all of them for each would cost more than counting. */
const MEASURES_BY_UNIT: ReadonlyMap<string, readonly CountedMeasure[]> = Map.groupBy(
  KPIS.flatMap((kpi) =>
    Object.entries(kpi.measures).map(([name, measure]) => ({
      kpi,
      name,
      measure,
      windows: measure.kind === 'level' ? [0] : kpi.windows,
    })),
  ),
  ({ measure }) => measure.unit,
);

/** Enter (or withdraw) the counting intervals of some units into a sheet, for every KPI, measure and live window. */
export function countUnits(sheet: DeltaSheet, units: UnitSet, options: CountOptions): void {
  for (const unit of Object.keys(units)) {
    for (const counted of MEASURES_BY_UNIT.get(unit) ?? []) {
      for (const windowMs of counted.windows)
        countWindow(sheet, counted, { ...options, units, windowMs });
    }
  }
}

function countWindow(
  sheet: DeltaSheet,
  { kpi, name, measure }: CountedMeasure,
  options: CountOptions & { units: UnitSet; windowMs: number },
): void {
  const { tenantId, sign, windowMs } = options;
  const counted = intervalsOf(measure, options.units, options);
  const stepMs = measure.kind === 'level' ? LEVEL_STEP_MS : resolutionMs(windowMs);
  for (const { values, from, to, weight } of seriesIntervals(kpi, measure.kind, counted)) {
    const start = ceilTo(from, stepMs);
    const end = ceilTo(to, stepMs);
    if (start === end) continue;
    const series = seriesName({ tenantId, kpiId: kpi.id, measure: name, windowMs, values });
    sheet.add(series, start, sign * weight);
    if (Number.isFinite(end)) sheet.add(series, end, -sign * weight);
  }
}
