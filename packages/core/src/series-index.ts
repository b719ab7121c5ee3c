import { type Kpi, type MeasureSum } from './catalogue.ts';
import { PART } from './entity.ts';
import { Fault } from './fault.ts';
import { type ComponentRow, type KpiQuery } from './kpi.ts';
import { kpiOf } from './kpis/index.ts';
import { RateTable, type PublishedRate } from './rates.ts';
import { Series } from './series-steps.ts';
import {
  ALL_VALUES,
  LEVEL,
  type SeriesId,
  allDimensions,
  parseSeriesName,
  seriesName,
} from './series.ts';

/** One series of the index: the way to change it without looking it up. */
export interface IndexedSeries {
  readonly id: SeriesId;
  readonly steps: Series;
}

/** What a query keeps of a KPI's series: which values, and where the group's values stand. */
interface Selection {
  readonly allowed: readonly (ReadonlySet<string> | undefined)[];
  readonly grouped: readonly number[];
  /** Per dimension: whether a distinct measure must be split by it. */
  readonly isUsed: readonly boolean[];
}

/**
 * All series of the live engine in memory, and the answers they give: a value at t is a prefix sum of deltas up to t.
 * The same index serves the live view (fed from the store) and a recount (fed from facts).
 */
export class SeriesIndex {
  readonly #byQuestion = new Map<string, Map<string, IndexedSeries>>();
  readonly #rates = new Map<string, RateTable>();

  /** Change a series at a boundary, ms, by `weight`. */
  add(series: string, boundary: number, weight: number): void {
    this.series(series).steps.add(boundary, weight);
  }

  /** A series by its name; it stays the same one as long as the index lives. */
  series(name: string): IndexedSeries {
    const id = parseSeriesName(name);
    const all = this.#ofQuestion(questionName(id.tenantId, id.kpiId, id.windowMs));
    const known = all.get(name);
    if (known !== undefined) return known;
    const one = { id, steps: new Series() };
    all.set(name, one);
    return one;
  }

  #ofQuestion(question: string): Map<string, IndexedSeries> {
    const known = this.#byQuestion.get(question);
    if (known !== undefined) return known;
    const all = new Map<string, IndexedSeries>();
    this.#byQuestion.set(question, all);
    return all;
  }

  setRate(tenantId: string, rate: PublishedRate): void {
    const table = this.rates(tenantId);
    table.set(rate);
  }

  rates(tenantId: string): RateTable {
    const table = this.#rates.get(tenantId) ?? new RateTable();
    this.#rates.set(tenantId, table);
    return table;
  }

  /** Whether the live series hold the answer: the window is kept live, and no entity could count twice in a pooled filter. */
  canAnswer(query: KpiQuery): boolean {
    const kpi = requireKpi(query.kpiId);
    if (!kpi.windows.includes(query.windowMs)) return false;
    const hasDistinct = Object.values(kpi.measures).some((measure) => measure.kind === 'distinct');
    return !hasDistinct || Object.values(query.filter).every((values) => values.length === 1);
  }

  /** Components at each as-of time, by group. Without `by` there is exactly one row per as-of time. */
  read(query: KpiQuery): readonly ComponentRow[] {
    const kpi = requireKpi(query.kpiId);
    if (!this.canAnswer(query))
      throw new Fault('window_unsupported', `${kpi.id} is not kept live for this question`);
    const selection = select(kpi, query);
    const series = [
      ...(this.#byQuestion.get(questionName(query.tenantId, kpi.id, query.windowMs))?.values() ??
        []),
      ...(this.#byQuestion.get(questionName(query.tenantId, kpi.id, LEVEL))?.values() ?? []),
    ];
    const groups = Map.groupBy(
      series.filter((one) => !one.steps.isZero && isSelected(kpi, one.id, selection)),
      ({ id }) => selection.grouped.map((index) => id.values[index] ?? '').join(PART),
    );
    if (query.by.length === 0 && groups.size === 0) groups.set('', []);
    return query.asOf.flatMap((asOf) =>
      [...groups].flatMap(([group, members]) => {
        const components = kpi.reduce(sumMembers(kpi, members, { ...query, at: asOf }), {
          asOf,
          windowMs: query.windowMs,
          definitions: query.definitions,
          rates: this.rates(query.tenantId),
        });
        const isVoid = query.by.length > 0 && Object.values(components).every((sum) => sum === 0n);
        return isVoid
          ? []
          : [{ asOf, group: query.by.length === 0 ? [] : group.split(PART), components }];
      }),
    );
  }

  /** Every step of every series, for comparison and snapshots. */
  *steps(): Generator<readonly [series: string, boundary: number, weight: number]> {
    for (const all of this.#byQuestion.values()) {
      for (const { id, steps } of all.values()) {
        const name = seriesName(id);
        for (const [boundary, weight] of steps.entries()) yield [name, boundary, weight];
      }
    }
  }
}

function questionName(tenantId: string, kpiId: string, windowMs: number): string {
  return `${tenantId}${PART}${kpiId}${PART}${Math.max(LEVEL, windowMs)}`;
}

function requireKpi(id: string): Kpi {
  const kpi = kpiOf(id);
  if (kpi === undefined) throw new Fault('kpi_unknown', `there is no KPI ${id}`);
  return kpi;
}

function select(kpi: Kpi, query: KpiQuery): Selection {
  const filter = filterOf(kpi, query);
  const names = allDimensions(kpi);
  return {
    allowed: names.map((name) => {
      const values = filter[name];
      return values === undefined ? undefined : new Set(values);
    }),
    grouped: query.by.map((name) => names.indexOf(name)),
    isUsed: names.map((name) => query.by.includes(name) || filter[name] !== undefined),
  };
}

/** The filter of a query with the KPI's default filter where the query neither filters nor splits by that dimension. */
export function filterOf(
  kpi: Kpi,
  query: Pick<KpiQuery, 'by' | 'filter'>,
): Readonly<Record<string, readonly string[]>> {
  const defaults = Object.entries(kpi.defaultFilter).filter(([name]) => !query.by.includes(name));
  return { ...Object.fromEntries(defaults), ...query.filter };
}

function isSelected(kpi: Kpi, id: SeriesId, selection: Selection): boolean {
  const isDistinct = kpi.measures[id.measure]?.kind === 'distinct';
  return id.values.every((value, index) => {
    if (isDistinct && (value === ALL_VALUES) === (selection.isUsed[index] ?? false)) return false;
    return selection.allowed[index]?.has(value) ?? true;
  });
}

function sumMembers(
  kpi: Kpi,
  members: readonly IndexedSeries[],
  query: KpiQuery & { at: number },
): readonly MeasureSum[] {
  const sums = new Map<string, { measure: string; hidden: Record<string, string>; sum: bigint }>();
  for (const { id, steps } of members) {
    const hiddenValues = id.values.slice(kpi.dimensions.length);
    const key = [id.measure, ...hiddenValues].join(PART);
    const entry = sums.get(key) ?? {
      measure: id.measure,
      hidden: Object.fromEntries(
        kpi.hidden.map((name, index) => [name, hiddenValues[index] ?? '']),
      ),
      sum: 0n,
    };
    sums.set(key, entry);
    entry.sum += id.windowMs > LEVEL ? steps.valueAt(query.at) : personTime(id, steps, query);
  }
  return [...sums.values()];
}

/** Time lived at the level within `[t - W, t)`, ending earlier at the moment of reading. */
function personTime(id: SeriesId, steps: Series, query: KpiQuery & { at: number }): bigint {
  const start = query.at - query.windowMs;
  const end = Math.max(start, Math.min(query.at, query.clipAt ?? Infinity));
  return id.windowMs === LEVEL
    ? steps.integralTo(end) - steps.integralTo(start)
    : steps.valueAt(end) - steps.valueAt(start);
}
