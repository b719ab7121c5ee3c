import { type Kpi } from './catalogue.ts';
import { type DeltaSheet, type LevelNames } from './delta-sheet.ts';
import { ceilTo } from './duration.ts';
import { type CountingInterval, type Dimensions, NO_VALUE } from './kpi.ts';
import { type MeasureKind, isOncePerEntity } from './measure.ts';
import { type Pool, type PooledStep, pooledSteps } from './pooled-steps.ts';
import { differingRange } from './same.ts';
import { type Span, hull, intersect, isEmpty } from './span.ts';
import {
  type PlacedIntervals,
  type Row,
  UnionEnds,
  type UnitedSeries,
  rowAt,
} from './union-ends.ts';
import { ALL_VALUES, LEVEL, LEVEL_REST, allDimensions, seriesName, stepMsOf } from './series.ts';

/** A measure of a KPI over one window: what becomes a set of series, one per combination of dimension values. */
export interface SeriesPlace {
  readonly kpi: Kpi;
  readonly measure: string;
  readonly kind: MeasureKind;
  /** {@link LEVEL} for a level measure. */
  readonly windowMs: number;
  /** What a pooled measure counts as. */
  readonly pool: Pool | undefined;
}

/** Counting intervals of one unit before and after a change. */
export interface IntervalChange {
  readonly from: readonly CountingInterval[];
  readonly to: readonly CountingInterval[];
}

/** Which dimensions a series is split by; the others hold all values together. */
type Subset = readonly boolean[];

/** Intervals that are united as they are; of more, only the stretch in which they differ. */
const FEW = 16;

/** What one interval changes: with which sign, and which other one stands where it stands. */
interface Turn {
  readonly interval: CountingInterval | undefined;
  readonly sign: 1 | -1;
  readonly unless: CountingInterval | undefined;
}

/** Rows by the values of the dimensions, one level of maps per dimension. */
type Tree = Map<string, Tree | Row>;

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
  readonly #names = new Map<string, UnitedSeries>();
  /** What a series holds before and after a change. */
  readonly #former = new UnionEnds();
  readonly #current = new UnionEnds();
  #turn = 0;

  constructor(place: SeriesPlace) {
    this.#place = place;
    this.#dimensions = allDimensions(place.kpi);
    this.#stepMs = stepMsOf(place.kpi, place.windowMs);
    this.#subsets = isOncePerEntity(place.kind)
      ? subsetsOf(place.kpi)
      : [this.#dimensions.map(() => true)];
  }

  /** The steps from the intervals before to those after; distinct and pooled measures are joined for each subset of dimensions. */
  change(tenantId: string, intervals: IntervalChange, sheet: DeltaSheet): void {
    const { kind, pool } = this.#place;
    if (pool !== undefined) {
      const { from, to } = this.#whereDifferent(intervals);
      this.#pool({ placed: this.#placed(tenantId, from), pool, sign: -1 }, sheet);
      this.#pool({ placed: this.#placed(tenantId, to), pool, sign: 1 }, sheet);
    } else if (kind === 'distinct') this.#changeUnions(tenantId, intervals, sheet);
    else this.#changeEach(tenantId, intervals, sheet);
  }

  /** Every interval for itself. Of those that stay in their place only the ends that moved are written. */
  #changeEach(tenantId: string, { from, to }: IntervalChange, sheet: DeltaSheet): void {
    const { first, fromEnd, toEnd } = differingRange(from, to, this.#isSame);
    for (let index = first; index < fromEnd || index < toEnd; index += 1) {
      const before = index < fromEnd ? from[index] : undefined;
      const after = index < toEnd ? to[index] : undefined;
      const stays = before !== undefined && after !== undefined && this.#isInPlace(before, after);
      const gone = { interval: before, sign: -1, unless: stays ? after : undefined } as const;
      const come = { interval: after, sign: 1, unless: stays ? before : undefined } as const;
      this.#steps(tenantId, gone, sheet);
      this.#steps(tenantId, come, sheet);
    }
  }

  /** Both steps of an interval, but not those that `unless` has as well. */
  #steps(tenantId: string, { interval, sign, unless }: Turn, sheet: DeltaSheet): void {
    if (interval === undefined) return;
    const { from, to, weight, dimensions } = interval;
    const [names] = this.#rowOf(tenantId, dimensions);
    if (names === undefined) return;
    if (unless?.from !== from) this.#step(names, { at: from, weight: sign * weight }, sheet);
    if (unless?.to !== to) this.#step(names, { at: to, weight: -sign * weight }, sheet);
  }

  readonly #isSame = (a: CountingInterval, b: CountingInterval): boolean =>
    a.from === b.from && a.to === b.to && this.#isInPlace(a, b);

  /** Whether two intervals count in the same series with the same weight. */
  #isInPlace(a: CountingInterval, b: CountingInterval): boolean {
    if (a.weight !== b.weight) return false;
    if (a.dimensions === b.dimensions) return true;
    for (const name of this.#dimensions)
      if (a.dimensions[name] !== b.dimensions[name]) return false;
    return true;
  }

  /** Intervals of one series united, for every subset: an entity counts once in each. */
  #changeUnions(tenantId: string, intervals: IntervalChange, sheet: DeltaSheet): void {
    const isLong = intervals.from.length + intervals.to.length > FEW;
    const { from, to } = isLong ? this.#whereDifferent(intervals) : intervals;
    const before = this.#placed(tenantId, from);
    const after = this.#placed(tenantId, to);
    for (let subset = 0; subset < this.#subsets.length; subset += 1) {
      this.#turn += 1;
      for (let index = 0; index < before.rows.length + after.rows.length; index += 1) {
        const series = rowAt(before, after, index)?.[subset];
        if (series === undefined || series.turn === this.#turn) continue;
        series.turn = this.#turn;
        this.#former.unite(before, series, subset);
        this.#current.unite(after, series, subset);
        this.#changeUnion(series, sheet);
      }
    }
  }

  #changeUnion(names: LevelNames, sheet: DeltaSheet): void {
    const [former, current] = [this.#former, this.#current];
    for (let index = 0; index < former.length || index < current.length; index += 1) {
      const [gone, come] = [former.at(index), current.at(index)];
      if (gone === come) continue;
      const weight = index % 2 === 0 ? 1 : -1;
      if (gone !== undefined) this.#step(names, { at: gone, weight: -weight }, sheet);
      if (come !== undefined) this.#step(names, { at: come, weight }, sheet);
    }
  }

  /** Intervals cut to the stretch outside of which they are the same: an account has many answers, and one of them is new. */
  #whereDifferent({ from, to }: IntervalChange): IntervalChange {
    const { first, fromEnd, toEnd } = differingRange(from, to, this.#isSame);
    const differing = [...from.slice(first, fromEnd), ...to.slice(first, toEnd)];
    const stretch = differing.reduce<Span>(hull, { from: Infinity, to: -Infinity });
    const cut = (intervals: readonly CountingInterval[]): readonly CountingInterval[] =>
      intervals.flatMap((interval) => {
        const held = intersect(interval, stretch);
        return isEmpty(held) ? [] : [{ ...interval, ...held }];
      });
    return { from: cut(from), to: cut(to) };
  }

  /** What an entity counts as by its intervals of each series. Equal steps of before and after cancel out in the sheet. */
  #pool(
    { placed, pool, sign }: { placed: PlacedIntervals; pool: Pool; sign: 1 | -1 },
    sheet: DeltaSheet,
  ): void {
    const { intervals } = placed;
    let all: readonly PooledStep[] | undefined;
    for (let subset = 0; subset < this.#subsets.length; subset += 1) {
      for (const [names, members] of bySeries(placed, subset)) {
        // Nearly always all answers of an account are of one group: then they count alike in every subset.
        const isAll = members.length === intervals.length;
        const steps = isAll ? (all ??= pooledSteps(intervals, pool)) : pooledSteps(members, pool);
        for (const { at, weight } of steps) this.#step(names, { at, weight: sign * weight }, sheet);
      }
    }
  }

  #placed(tenantId: string, intervals: readonly CountingInterval[]): PlacedIntervals {
    const sorted = ascending(intervals);
    return {
      intervals: sorted,
      rows: sorted.map(({ dimensions }) => this.#rowOf(tenantId, dimensions)),
    };
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

  #namesOf(tenantId: string, dimensions: Dimensions, subset: Subset): UnitedSeries {
    const values = this.#dimensions.map((name, index) =>
      subset[index] === true ? (dimensions[name] ?? NO_VALUE) : ALL_VALUES,
    );
    const { kpi, measure, windowMs } = this.#place;
    const nameOf = (window: number): string =>
      seriesName({ tenantId, kpiId: kpi.id, measure, windowMs: window, values });
    const level = nameOf(windowMs);
    const known = this.#names.get(level);
    if (known !== undefined) return known;
    const names = { level, rest: windowMs === LEVEL ? nameOf(LEVEL_REST) : '', turn: 0 };
    this.#names.set(level, names);
    return names;
  }
}

/** By their beginnings, as a union needs them. Nearly always they are so already. */
function ascending(intervals: readonly CountingInterval[]): readonly CountingInterval[] {
  for (let index = 1; index < intervals.length; index += 1) {
    if ((intervals[index]?.from ?? 0) < (intervals[index - 1]?.from ?? 0))
      return intervals.toSorted((a, b) => a.from - b.from);
  }
  return intervals;
}

function bySeries(
  { intervals, rows }: PlacedIntervals,
  subset: number,
): ReadonlyMap<LevelNames, readonly CountingInterval[]> {
  const found = new Map<LevelNames, CountingInterval[]>();
  for (const [index, interval] of intervals.entries()) {
    const names = rows[index]?.[subset];
    if (names === undefined) continue;
    const known = found.get(names);
    if (known === undefined) found.set(names, [interval]);
    else known.push(interval);
  }
  return found;
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
