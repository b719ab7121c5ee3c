import { type Kpi } from './catalogue.ts';
import { type DeltaSheet, type LevelNames } from './delta-sheet.ts';
import { ceilTo } from './duration.ts';
import { type CountingInterval, type Dimensions, NO_VALUE } from './kpi.ts';
import { type MeasureKind } from './measure.ts';
import { differingRange } from './same.ts';
import { ALL_VALUES, LEVEL, LEVEL_REST, allDimensions, seriesName, stepMsOf } from './series.ts';

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

/** Which dimensions a series is split by; the others hold all values together. */
type Subset = readonly boolean[];

/** The series that one combination of dimension values belongs to, one for each subset. Two combinations share the objects of their common series. */
type Row = readonly LevelNames[];

/** Rows by the values of the dimensions, one level of maps per dimension. */
type Tree = Map<string, Tree | Row>;

/** An interval and where it counts. */
interface Placed {
  readonly interval: CountingInterval;
  readonly row: Row;
}

/**
 * The series of one measure over one window, and what a change of a unit changes in them. Each series is named once and found
 * again by its values, because making its name would cost more than counting.
 */
export class MeasureSeries {
  readonly #place: SeriesPlace;
  readonly #dimensions: readonly string[];
  readonly #subsets: readonly Subset[];
  readonly #stepMs: number;
  readonly #rows: Tree = new Map();
  readonly #names = new Map<string, LevelNames>();

  constructor(place: SeriesPlace) {
    this.#place = place;
    this.#dimensions = allDimensions(place.kpi);
    this.#stepMs = stepMsOf(place.kpi, place.windowMs);
    this.#subsets =
      place.kind === 'distinct' ? subsetsOf(place.kpi) : [this.#dimensions.map(() => true)];
  }

  /** The steps from the intervals before to those after; distinct measures are united for each subset of dimensions. */
  change(tenantId: string, intervals: IntervalChange, sheet: DeltaSheet): void {
    const from = this.#placed(tenantId, intervals.from);
    const to = this.#placed(tenantId, intervals.to);
    if (this.#place.kind === 'distinct') this.#changeUnions(from, to, sheet);
    else this.#changeEach(from, to, sheet);
  }

  #placed(tenantId: string, intervals: readonly CountingInterval[]): readonly Placed[] {
    return intervals.map((interval) => ({
      interval,
      row: this.#rowOf(tenantId, interval.dimensions),
    }));
  }

  /** Every interval for itself. Of those that stay in their place only the ends that moved are written. */
  #changeEach(from: readonly Placed[], to: readonly Placed[], sheet: DeltaSheet): void {
    const { first, fromEnd, toEnd } = differingRange(from, to, isSamePlaced);
    for (let index = first; index < fromEnd || index < toEnd; index += 1) {
      const before = index < fromEnd ? from[index] : undefined;
      const after = index < toEnd ? to[index] : undefined;
      const isInPlace =
        before !== undefined &&
        after !== undefined &&
        before.row === after.row &&
        before.interval.weight === after.interval.weight;
      if (before !== undefined)
        this.#steps(before, { sign: -1, unless: isInPlace ? after : undefined }, sheet);
      if (after !== undefined)
        this.#steps(after, { sign: 1, unless: isInPlace ? before : undefined }, sheet);
    }
  }

  /** Both steps of an interval, but not those that `unless` has as well. */
  #steps(
    { interval, row: [names] }: Placed,
    { sign, unless }: { sign: 1 | -1; unless: Placed | undefined },
    sheet: DeltaSheet,
  ): void {
    if (names === undefined) return;
    const { from, to, weight } = interval;
    if (unless?.interval.from !== from)
      this.#step(names, { at: from, weight: sign * weight }, sheet);
    if (unless?.interval.to !== to) this.#step(names, { at: to, weight: -sign * weight }, sheet);
  }

  /** Intervals of one series united, for every subset: an entity counts once in each. */
  #changeUnions(from: readonly Placed[], to: readonly Placed[], sheet: DeltaSheet): void {
    const before = ascending(from);
    const after = ascending(to);
    for (let subset = 0; subset < this.#subsets.length; subset += 1) {
      for (const names of seriesAmong(before, after, subset)) {
        const former = edgesOf(before, names, subset);
        const current = edgesOf(after, names, subset);
        for (let index = 0; index < former.length || index < current.length; index += 1) {
          const [gone, come] = [former[index], current[index]];
          if (gone === come) continue;
          const weight = index % 2 === 0 ? 1 : -1;
          if (gone !== undefined) this.#step(names, { at: gone, weight: -weight }, sheet);
          if (come !== undefined) this.#step(names, { at: come, weight }, sheet);
        }
      }
    }
  }

  #step(names: LevelNames, step: { at: number; weight: number }, sheet: DeltaSheet): void {
    const { at, weight } = step;
    if (at === Infinity) return;
    if (this.#place.kind === 'level') sheet.addLevel(names, { at, weight, stepMs: this.#stepMs });
    else sheet.add(names.level, ceilTo(at, this.#stepMs), weight);
  }

  #rowOf(tenantId: string, dimensions: Dimensions): Row {
    let tree = this.#rows;
    let key = tenantId;
    for (const name of this.#dimensions) {
      tree = branchOf(tree, key);
      key = dimensions[name] ?? NO_VALUE;
    }
    const found = tree.get(key);
    if (found !== undefined && !(found instanceof Map)) return found;
    const row = this.#subsets.map((subset) => this.#namesOf(tenantId, dimensions, subset));
    tree.set(key, row);
    return row;
  }

  #namesOf(tenantId: string, dimensions: Dimensions, subset: Subset): LevelNames {
    const values = this.#dimensions.map((name, index) =>
      subset[index] === true ? (dimensions[name] ?? NO_VALUE) : ALL_VALUES,
    );
    const { kpi, measure, windowMs } = this.#place;
    const nameOf = (window: number): string =>
      seriesName({ tenantId, kpiId: kpi.id, measure, windowMs: window, values });
    const level = nameOf(windowMs);
    const known = this.#names.get(level);
    if (known !== undefined) return known;
    const names = { level, rest: windowMs === LEVEL ? nameOf(LEVEL_REST) : '' };
    this.#names.set(level, names);
    return names;
  }
}

function isSamePlaced(a: Placed, b: Placed): boolean {
  return (
    a.row === b.row &&
    a.interval.from === b.interval.from &&
    a.interval.to === b.interval.to &&
    a.interval.weight === b.interval.weight
  );
}

/** By their beginnings, as a union needs them. Nearly always they are so already. */
function ascending(placed: readonly Placed[]): readonly Placed[] {
  for (let index = 1; index < placed.length; index += 1) {
    if (startOf(placed[index]) < startOf(placed[index - 1]))
      return placed.toSorted((a, b) => startOf(a) - startOf(b));
  }
  return placed;
}

function startOf(placed: Placed | undefined): number {
  return placed?.interval.from ?? Infinity;
}

/** The series of a subset that some interval of two lists belongs to, each once. */
function seriesAmong(
  before: readonly Placed[],
  after: readonly Placed[],
  subset: number,
): readonly LevelNames[] {
  const found: LevelNames[] = [];
  for (const { row } of before) addNew(found, row[subset]);
  for (const { row } of after) addNew(found, row[subset]);
  return found;
}

function addNew(found: LevelNames[], names: LevelNames | undefined): void {
  if (names !== undefined && !found.includes(names)) found.push(names);
}

/** Beginnings and ends, in turn, of the union of the intervals of one series. The intervals ascend. */
function edgesOf(placed: readonly Placed[], names: LevelNames, subset: number): readonly number[] {
  const edges: number[] = [];
  let end = -Infinity;
  for (const { interval, row } of placed) {
    if (row[subset] !== names || interval.to <= interval.from) continue;
    if (edges.length > 0 && interval.from <= end) {
      if (interval.to > end) edges[edges.length - 1] = end = interval.to;
      continue;
    }
    ({ to: end } = interval);
    edges.push(interval.from, end);
  }
  return edges;
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
