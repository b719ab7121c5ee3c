import type { KpiUnit, KpiValue } from './answers.ts';
import { number } from './format.ts';

/** Statuses under which a comparison would say more than the data does. */
const NOT_COMPARABLE: ReadonlySet<string> = new Set(['no_data', 'suspect', 'low_n']);
/** These are on a scale of their own: their differences mean something, their quotients do not. */
const BY_DIFFERENCE: ReadonlySet<KpiUnit> = new Set(['ratio', 'points', 'scale_points']);
const DIGITS = 1;

/** A value against that of the window before. */
export type Comparison =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'change';
      readonly direction: 'up' | 'down' | 'same';
      /** Without a sign: `1.2 points`, `4.5%`. */
      readonly text: string;
    };

/** Shares are compared in percentage points, scores in points, all else in percent. */
export function compare(now: KpiValue, before: KpiValue | undefined): Comparison {
  if (now.value === null) return { kind: 'none', reason: '' };
  if (before === undefined) return { kind: 'none', reason: 'reading the window before' };
  if (before.value === null) return { kind: 'none', reason: 'no value in the window before' };
  if (NOT_COMPARABLE.has(now.status) || NOT_COMPARABLE.has(before.status))
    return { kind: 'none', reason: 'too few units to compare' };
  const isDifference = BY_DIFFERENCE.has(now.unit);
  if (!isDifference && before.value === 0)
    return { kind: 'none', reason: 'it was 0 in the window before' };
  const change = changeOf({ now: now.value, before: before.value, unit: now.unit });
  const size = number(Math.abs(change), DIGITS);
  if (size === number(0, DIGITS)) return { kind: 'change', direction: 'same', text: 'no change' };
  return {
    kind: 'change',
    direction: change > 0 ? 'up' : 'down',
    text: isDifference ? `${size} points` : `${size}\u202F%`,
  };
}

/** In points or percent. */
function changeOf(values: {
  readonly now: number;
  readonly before: number;
  readonly unit: KpiUnit;
}): number {
  const { now, before, unit } = values;
  if (unit === 'ratio') return (now - before) * 100;
  return BY_DIFFERENCE.has(unit) ? now - before : ((now - before) / Math.abs(before)) * 100;
}
