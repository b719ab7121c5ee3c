import { type Kpi } from './catalogue.ts';
import { intervalsOf, type UnitSet } from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { ceilTo, resolutionMs } from './duration.ts';
import { KPIS } from './kpis/index.ts';
import { seriesIntervals, seriesName } from './series.ts';

/** A level measure keeps its steps to the millisecond; person-time is clipped at the moment of reading. */
const LEVEL_STEP_MS = 1;

/** Changes of many series at many buckets, summed: what is written to the store. Zero changes vanish. */
export class DeltaSheet {
  readonly #series = new Map<string, Map<number, number>>();

  /** Add `weight` to the change of a series at a boundary, ms. */
  add(series: string, boundary: number, weight: number): void {
    const steps = this.#series.get(series) ?? new Map<number, number>();
    const sum = (steps.get(boundary) ?? 0) + weight;
    if (sum === 0) steps.delete(boundary);
    else steps.set(boundary, sum);
    if (steps.size === 0) this.#series.delete(series);
    else this.#series.set(series, steps);
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

/** Enter (or withdraw) the counting intervals of some units into a sheet, for every KPI, measure and live window. */
export function countUnits(sheet: DeltaSheet, units: UnitSet, options: CountOptions): void {
  for (const kpi of KPIS) countKpi(sheet, kpi, { ...options, units });
}

function countKpi(sheet: DeltaSheet, kpi: Kpi, options: CountOptions & { units: UnitSet }): void {
  for (const [name, measure] of Object.entries(kpi.measures)) {
    if (options.units[measure.unit] === undefined) continue;
    const windows = measure.kind === 'level' ? [0] : kpi.windows;
    for (const windowMs of windows) {
      const counted = intervalsOf(measure, options.units, {
        windowMs,
        definitions: options.definitions,
      });
      const stepMs = measure.kind === 'level' ? LEVEL_STEP_MS : resolutionMs(windowMs);
      for (const { values, from, to, weight } of seriesIntervals(kpi, measure.kind, counted)) {
        const series = seriesName({
          tenantId: options.tenantId,
          kpiId: kpi.id,
          measure: name,
          windowMs,
          values,
        });
        const start = ceilTo(from, stepMs);
        const end = ceilTo(to, stepMs);
        if (start === end) continue;
        sheet.add(series, start, options.sign * weight);
        if (Number.isFinite(end)) sheet.add(series, end, -options.sign * weight);
      }
    }
  }
}
