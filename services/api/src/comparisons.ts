import { type KpiValue, days } from '@kpi/core';
import { type Baseline, type Comparison, compareValues } from '@kpi/values';

/** A value with what it is compared with, where that was asked. */
export type ComparedValue = KpiValue & { readonly comparisons?: readonly Comparison[] };

/** 52 weeks: a window has as many of each weekday as the one it is compared with. */
const YEAR_MS = days(364);

/** End of the window that one is compared with: where this one begins, or a year of whole weeks before its end. */
export function endOf(
  baseline: Baseline,
  { to, windowMs }: { readonly to: number; readonly windowMs: number },
): number {
  return to - (baseline === 'year' ? YEAR_MS : windowMs);
}

/** The value with its comparisons, in the order asked for. */
export function compareWith(
  value: KpiValue,
  baselines: readonly Baseline[],
  baseOf: (baseline: Baseline) => KpiValue,
): ComparedValue {
  const comparisons = baselines.map((baseline) => compareValues(value, baseOf(baseline), baseline));
  return { ...value, comparisons };
}
