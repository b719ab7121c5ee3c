import { type Kpi } from './catalogue.ts';
import { type DeltaSheet, type LevelNames } from './delta-sheet.ts';
import { DistinctChange, type Subset } from './distinct-change.ts';
import { ceilTo } from './duration.ts';
import { type CountingInterval, type Dimensions, NO_VALUE } from './kpi.ts';
import { type MeasureKind } from './measure.ts';
import { ALL_VALUES, LEVEL, LEVEL_REST, allDimensions, seriesName, stepMsOf } from './series.ts';
import { type Span, isSameSpan, union } from './span.ts';

/** A measure of a KPI over one window: what becomes a set of series, one per combination of dimension values. */
export interface SeriesPlace {
  readonly kpi: Kpi;
  readonly measure: string;
  readonly kind: MeasureKind;
  /** {@link LEVEL} for a level measure. */
  readonly windowMs: number;
}

/** Counting intervals of one unit before and after a change. */
export interface IntervalChange {
  readonly from: readonly CountingInterval[];
  readonly to: readonly CountingInterval[];
}

/** A series by the values of its dimensions, one level of maps per dimension. */
type Tree = Map<string, Tree | LevelNames>;

/**
 * The series of one measure over one window, and what a change of a unit changes in them. Each series is named once and found
 * again by its values, because making its name would cost more than counting.
 */
export class MeasureSeries {
  readonly #place: SeriesPlace;
  readonly #dimensions: readonly string[];
  readonly #subsets: readonly Subset[];
  readonly #stepMs: number;
  readonly #byTenant: Tree = new Map();

  constructor(place: SeriesPlace) {
    this.#place = place;
    this.#dimensions = allDimensions(place.kpi);
    this.#stepMs = stepMsOf(place.kpi, place.windowMs);
    this.#subsets = place.kind === 'distinct' ? subsetsOf(place.kpi) : [];
  }

  /** The steps from the intervals before to those after; distinct measures are united for each subset of dimensions. */
  change(tenantId: string, intervals: IntervalChange, sheet: DeltaSheet): void {
    if (this.#place.kind === 'distinct') {
      this.#changeDistinct(tenantId, intervals, sheet);
      return;
    }
    for (const one of intervals.from)
      this.#step(this.#nameOf(tenantId, one.dimensions), { ...one, sign: -1 }, sheet);
    for (const one of intervals.to)
      this.#step(this.#nameOf(tenantId, one.dimensions), { ...one, sign: 1 }, sheet);
  }

  #changeDistinct(tenantId: string, intervals: IntervalChange, sheet: DeltaSheet): void {
    const change = new DistinctChange(this.#dimensions, intervals);
    for (const subset of this.#subsets) {
      for (const { dimensions, from, to } of change.groups(subset)) {
        const before = union(from);
        const after = union(to);
        if (isSameUnion(before, after)) continue;
        const series = this.#nameOf(tenantId, dimensions, subset);
        for (const span of before) this.#step(series, { ...span, weight: 1, sign: -1 }, sheet);
        for (const span of after) this.#step(series, { ...span, weight: 1, sign: 1 }, sheet);
      }
    }
  }

  #step(
    names: LevelNames,
    { from, to, weight, sign }: { from: number; to: number; weight: number; sign: 1 | -1 },
    sheet: DeltaSheet,
  ): void {
    const stepMs = this.#stepMs;
    if (this.#place.kind === 'level') {
      sheet.addLevel(names, { at: from, weight: sign * weight, stepMs });
      if (to !== Infinity) sheet.addLevel(names, { at: to, weight: -sign * weight, stepMs });
      return;
    }
    const start = ceilTo(from, stepMs);
    const end = ceilTo(to, stepMs);
    if (start === end) return;
    sheet.add(names.level, start, sign * weight);
    if (end !== Infinity) sheet.add(names.level, end, -sign * weight);
  }

  #nameOf(tenantId: string, dimensions: Dimensions, subset?: Subset): LevelNames {
    let tree = this.#byTenant;
    let key = tenantId;
    for (let index = 0; index < this.#dimensions.length; index += 1) {
      tree = branchOf(tree, key);
      key = this.#valueAt(index, dimensions, subset);
    }
    const found = tree.get(key);
    if (found !== undefined && !(found instanceof Map)) return found;
    const { windowMs } = this.#place;
    const names = {
      level: this.#name(tenantId, windowMs, { dimensions, subset }),
      rest: windowMs === LEVEL ? this.#name(tenantId, LEVEL_REST, { dimensions, subset }) : '',
    };
    tree.set(key, names);
    return names;
  }

  #valueAt(index: number, dimensions: Dimensions, subset: Subset | undefined): string {
    if (subset?.[index] === false) return ALL_VALUES;
    return dimensions[this.#dimensions[index] ?? ''] ?? NO_VALUE;
  }

  #name(
    tenantId: string,
    windowMs: number,
    { dimensions, subset }: { dimensions: Dimensions; subset: Subset | undefined },
  ): string {
    const { kpi, measure } = this.#place;
    const values = this.#dimensions.map((_name, index) => this.#valueAt(index, dimensions, subset));
    return seriesName({ tenantId, kpiId: kpi.id, measure, windowMs, values });
  }
}

function isSameUnion(a: readonly Span[], b: readonly Span[]): boolean {
  if (a.length !== b.length) return false;
  for (const [index, span] of a.entries()) {
    const other = b[index];
    if (other === undefined || !isSameSpan(span, other)) return false;
  }
  return true;
}

function branchOf(tree: Tree, key: string): Tree {
  const found = tree.get(key);
  if (found instanceof Map) return found;
  const branch: Tree = new Map();
  tree.set(key, branch);
  return branch;
}

/** Every subset of the dimensions that may be asked for; hidden ones are never split by. */
function subsetsOf(kpi: Kpi): readonly Subset[] {
  return Array.from({ length: 2 ** kpi.dimensions.length }, (_, bits) =>
    allDimensions(kpi).map(
      (_name, index) => index < kpi.dimensions.length && (bits >> index) % 2 === 1,
    ),
  );
}
