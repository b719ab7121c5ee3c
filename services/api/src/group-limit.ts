import { type ComponentRow, type Kpi, type KpiQuery, OTHER_VALUES } from '@kpi/core';

import { compareGroups } from './groups.ts';

/** Which values of too many are groups of their own, and what becomes of the others. */
export interface GroupLimit {
  /** Values beside which all others are added up to `(other)`; undefined where there are few, or they may not be added up. */
  readonly keep: KpiQuery['keep'];
  /** False for groups of values that are left out. */
  readonly isShown: (row: Pick<ComponentRow, 'group'>) => boolean;
  readonly notes: readonly string[];
}

/**
 * The values of each dimension with the largest denominators (of the KPI itself, over all rows), at most `groupsMax`; ties are
 * decided by name. A value that is called as the others together is one of them.
 */
export function limitGroups(
  kpi: Kpi,
  { by, groupsMax }: { readonly by: readonly string[]; readonly groupsMax: number },
  rows: readonly ComponentRow[],
): GroupLimit {
  const limited = by.flatMap((name, index) => {
    const sizes = sizesOf(kpi, rows, index);
    const largest = largestOf(sizes, groupsMax);
    const others = sizes.size - largest.length;
    return others === 0 ? [] : [{ name, index, largest, others, isPooled: isPooled(kpi, name) }];
  });
  const [pooled, leftOut] = [true, false].map((is) => limited.filter((one) => one.isPooled === is));
  return {
    keep:
      pooled === undefined || pooled.length === 0
        ? undefined
        : Object.fromEntries(pooled.map(({ name, largest }) => [name, largest])),
    isShown: ({ group }) =>
      leftOut?.every(({ index, largest }) => largest.includes(group[index] ?? '')) ?? true,
    notes: limited.map(({ name, others, ...one }) =>
      one.isPooled
        ? `the smallest values of ${name}, ${others}, are together in ${OTHER_VALUES}`
        : `the smallest values of ${name}, ${others}, are left out: its values are never counted together`,
    ),
  };
}

function largestOf(sizes: ReadonlyMap<string, bigint>, groupsMax: number): readonly string[] {
  if (sizes.size <= groupsMax) return [...sizes.keys()];
  return [...sizes]
    .filter(([value]) => value !== OTHER_VALUES)
    .toSorted(([a, sizeA], [b, sizeB]) => descending(sizeA, sizeB) || compareGroups([a], [b]))
    .slice(0, groupsMax)
    .map(([value]) => value);
}

function sizesOf(
  kpi: Kpi,
  rows: readonly ComponentRow[],
  index: number,
): ReadonlyMap<string, bigint> {
  const sizes = new Map<string, bigint>();
  for (const { group, components } of rows) {
    const value = group[index] ?? '';
    const size = kpi.variants[0]?.denominator(components) ?? 0n;
    sizes.set(value, (sizes.get(value) ?? 0n) + size);
  }
  return sizes;
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

/** Values of some dimensions are never counted together unless somebody names them: contexts, scales. */
function isPooled(kpi: Kpi, dimension: string): boolean {
  return !kpi.single.includes(dimension) && kpi.defaultFilter[dimension] === undefined;
}
