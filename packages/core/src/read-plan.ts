import { type Kpi } from './catalogue.ts';
import { type Dimensions, type KpiQuery, groupOf } from './kpi.ts';
import { isOncePerEntity } from './measure.ts';
import { type Series } from './series-steps.ts';
import { ALL_VALUES, type SeriesId, allDimensions } from './series.ts';

/** One series of an index: the way to change it without looking it up. */
export interface IndexedSeries {
  readonly id: SeriesId;
  readonly steps: Series;
}

/** The series that add up to one sum of a measure. */
interface PlannedSum {
  readonly measure: string;
  readonly hidden: Dimensions;
  readonly members: readonly IndexedSeries[];
}

/** One line of an answer, before it is read. */
interface PlannedGroup {
  readonly values: readonly string[];
  readonly sums: readonly PlannedSum[];
}

/** Which series answer a question, whatever the instant it asks about. */
export type ReadPlan = readonly PlannedGroup[];

/** What a question keeps of a KPI's series, and where the values of its groups stand. */
interface Selection {
  readonly allowed: readonly (ReadonlySet<string> | undefined)[];
  readonly grouped: readonly number[];
  /** Per dimension: whether a distinct measure must be split by it. */
  readonly isUsed: readonly boolean[];
}

/** Sort series by group and sum. Without `by` there is exactly one group, even when nothing is known. */
export function planRead(
  kpi: Kpi,
  query: Pick<KpiQuery, 'by' | 'filter' | 'keep'>,
  series: readonly IndexedSeries[],
): ReadPlan {
  const selection = select(kpi, query);
  const selected = series.filter(({ id }) => isSelected(kpi, id, selection));
  const groups = groupedBy(selected, ({ values }) =>
    selection.grouped.map((index, at) =>
      groupOf(query.keep, query.by[at] ?? '', values[index] ?? ''),
    ),
  );
  if (groups.length === 0 && query.by.length === 0) return [{ values: [], sums: [] }];
  return groups.map(([values, members]) => ({ values, sums: sumsOf(kpi, members) }));
}

function sumsOf(kpi: Kpi, series: readonly IndexedSeries[]): readonly PlannedSum[] {
  const sums = groupedBy(series, (id) => [id.measure, ...id.values.slice(kpi.dimensions.length)]);
  return sums.map(([[measure = '', ...values], members]) => {
    const hidden = Object.fromEntries(kpi.hidden.map((name, index) => [name, values[index] ?? '']));
    return { measure, hidden, members };
  });
}

/** Series with the same texts, in order of their first. */
function groupedBy(
  series: readonly IndexedSeries[],
  textsOf: (id: SeriesId) => readonly string[],
): readonly (readonly [texts: readonly string[], members: readonly IndexedSeries[]])[] {
  const groups = new Map<string, [texts: readonly string[], members: IndexedSeries[]]>();
  for (const one of series) {
    const texts = textsOf(one.id);
    const name = JSON.stringify(texts);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [texts, [one]]);
    else known[1].push(one);
  }
  return [...groups.values()];
}

function select(kpi: Kpi, query: Pick<KpiQuery, 'by' | 'filter'>): Selection {
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
  const isDistinct = isOncePerEntity(kpi.measures[id.measure]?.kind);
  return id.values.every((value, index) => {
    if (isDistinct && (value === ALL_VALUES) === (selection.isUsed[index] ?? false)) return false;
    return selection.allowed[index]?.has(value) ?? true;
  });
}
