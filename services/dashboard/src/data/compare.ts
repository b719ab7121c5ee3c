import type { Comparison as AnsweredComparison, KpiUnit, KpiValue } from './answers.ts';
import { number, unitText } from './format.ts';

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

const ARROWS = { up: '\u25B2 ', down: '\u25BC ', same: '' } as const;

/** `▲ +0.5 points (+12.5 %)`: without an arrow where few units are behind it, without percent where the base is not above 0. */
export function differenceText(comparison: AnsweredComparison): string {
  const { difference, relative_percent: percent, direction, base } = comparison;
  if (difference === null) return 'not comparable';
  const unit = base.unit === 'ratio' ? 'points' : (base.currency ?? unitText(base.unit));
  const arrow = direction === null ? '' : ARROWS[direction];
  const relative = percent === null ? '' : ` (${signed(percent)}\u202F%)`;
  return `${arrow}${signed(difference)} ${unit}${relative}`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${number(value, DIGITS)}`;
}
