import type { Entry, KpiValue } from './answers.ts';

/** Values by place: KPI, window and segment. */
export type LiveValues = ReadonlyMap<string, KpiValue>;

export const NO_VALUES: LiveValues = new Map();

/** Where a value belongs; a newer one of the same place replaces it. */
function placeOf(value: Pick<KpiValue, 'kpi_id' | 'window' | 'segment'>): string {
  return placeIn(value.kpi_id, windowMsOf(value), value.segment);
}

export function withValue(values: LiveValues, value: KpiValue): LiveValues {
  return new Map(values).set(placeOf(value), value);
}

/** The value of a KPI or variant in all. */
export function totalOf(
  values: LiveValues,
  asked: { readonly entry: Entry; readonly id: string; readonly windowMs: number },
): KpiValue | undefined {
  return values.get(placeIn(asked.id, asked.windowMs, pinnedOf(asked.entry)));
}

/** The values of a KPI by one dimension, in order of its groups; those that are no longer published are left out. */
export function groupsOf(
  values: LiveValues,
  asked: { readonly entry: Entry; readonly windowMs: number; readonly dimension: string },
): readonly KpiValue[] {
  const { entry, windowMs, dimension } = asked;
  const names = new Set([...Object.keys(pinnedOf(entry)), dimension]);
  const found = [...values.values()].filter(
    (value) =>
      value.kpi_id === entry.id &&
      windowMsOf(value) === windowMs &&
      Object.keys(value.segment).length === names.size &&
      Object.keys(value.segment).every((name) => names.has(name)),
  );
  const newest = Math.max(...found.map(({ window }) => Date.parse(window.to)));
  return found
    .filter(({ window }) => newest - Date.parse(window.to) <= 2 * window.resolution_ms)
    .toSorted((a, b) => compareGroups(a.segment[dimension] ?? '', b.segment[dimension] ?? ''));
}

function windowMsOf({ window }: Pick<KpiValue, 'window'>): number {
  return Date.parse(window.to) - Date.parse(window.from);
}

/** The part of a KPI that its plain number is about, where a filter holds unless another is named. */
function pinnedOf({ default_filter: filter }: Entry): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, [value, ...more]]) =>
      value !== undefined && more.length === 0 ? [[name, value]] : [],
    ),
  );
}

function placeIn(id: string, windowMs: number, segment: KpiValue['segment']): string {
  const parts = Object.entries(segment).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id, windowMs, parts]);
}

/** Numbers by size (`0-28`, `28-84`), words by letter, the unknown last. */
function compareGroups(a: string, b: string): number {
  if (a === NO_GROUP || b === NO_GROUP) return Number(a === NO_GROUP) - Number(b === NO_GROUP);
  return a.localeCompare(b, 'en', { numeric: true });
}

const NO_GROUP = '(none)';
