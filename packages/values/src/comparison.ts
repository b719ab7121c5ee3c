import { type KpiUnit, type KpiValue, type Status } from '@kpi/core';

/** What a value is compared with: that of the window before, and that of the window that ended 364 days earlier. */
export const BASELINES = ['previous', 'year'] as const;
export type Baseline = (typeof BASELINES)[number];

export type DifferenceUnit = Exclude<KpiUnit, 'ratio'> | 'percentage_points';

/** A value against an earlier one. Names are those of the JSON. */
export interface Comparison {
  readonly with: Baseline;
  /** The earlier value in whole, from history. */
  readonly base: KpiValue;
  /** Now less then: shares in percentage points, all else in the unit of the value; null where either has no value. */
  readonly difference: number | null;
  readonly difference_unit: DifferenceUnit;
  /** The difference in percent of the base; null where that is 0 or below. */
  readonly relative_percent: number | null;
  /** Null where too little is behind either value for a direction to mean something (KPI_SPEC 1.5: no arrow). */
  readonly direction: 'up' | 'down' | 'same' | null;
}

/** Findings under which a direction would say more than the data does. */
const WITHOUT_DIRECTION: readonly Status[] = ['no_data', 'suspect', 'low_n'];

/** A value against an earlier one of the same KPI and segment. */
export function compareValues(now: KpiValue, base: KpiValue, baseline: Baseline): Comparison {
  const { unit } = now;
  const change = now.value === null || base.value === null ? null : now.value - base.value;
  const isPositive = base.value !== null && base.value > 0;
  return {
    with: baseline,
    base,
    difference: change === null || unit !== 'ratio' ? change : change * 100,
    difference_unit: unit === 'ratio' ? 'percentage_points' : unit,
    relative_percent: change !== null && isPositive ? (change / (base.value ?? 1)) * 100 : null,
    direction: change === null || lacksBasis(now) || lacksBasis(base) ? null : directionOf(change),
  };
}

function directionOf(change: number): Comparison['direction'] {
  if (change === 0) return 'same';
  return change > 0 ? 'up' : 'down';
}

/** Notes begin with the status they are about, and several may hold. */
function lacksBasis({ notes }: KpiValue): boolean {
  return notes.some((note) => WITHOUT_DIRECTION.some((status) => note.startsWith(`${status}: `)));
}
