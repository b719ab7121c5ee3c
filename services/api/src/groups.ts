import { type ComponentRow, Fault, NO_VALUE, OTHER_VALUES } from '@kpi/core';

/** Components of nothing: a value without data. */
export function emptyRow(asOf: number, group: readonly string[] = []): ComponentRow {
  return { asOf, group, components: {} };
}

/** A row for every as-of time of every group that appears at all: a gap is "no data", not a missing point. */
export function fillGaps(
  rows: readonly ComponentRow[],
  asOf: readonly number[],
  dimensions: number,
): readonly ComponentRow[] {
  const groups = new Map(rows.map((row) => [JSON.stringify(row.group), row.group]));
  if (dimensions === 0) groups.set('[]', []);
  const found = new Map(rows.map((row) => [keyOf(row.asOf, row.group), row]));
  const ordered = [...groups.values()].toSorted(compareGroups);
  return asOf.flatMap((at) =>
    ordered.map((group) => found.get(keyOf(at, group)) ?? emptyRow(at, group)),
  );
}

function keyOf(asOf: number, group: readonly string[]): string {
  return JSON.stringify([asOf, group]);
}

const ORDER = new Intl.Collator('en', { numeric: true });

/** As people expect: `0-28` before `28-84` before `182-364`, then what has no value, and all others last. */
export function compareGroups(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  const [left = '', right = ''] = [a[index], b[index]];
  if (index < 0 || left === right) return 0;
  return rankOf(left) - rankOf(right) || ORDER.compare(left, right);
}

function rankOf(value: string): number {
  if (value === OTHER_VALUES) return 2;
  return value === NO_VALUE ? 1 : 0;
}

/** Throws `parameter_invalid` when a question has more answers than one answer may hold. */
export function requireFew(count: number, max: number): void {
  if (count <= max) return;
  throw new Fault(
    'parameter_invalid',
    `${count} values are more than ${max}: filter, or ask for fewer dimensions`,
    { path: '/query/by' },
  );
}
