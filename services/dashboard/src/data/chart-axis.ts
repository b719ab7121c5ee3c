/** An axis of a chart. */
export interface ChartAxis {
  readonly low: number;
  readonly high: number;
  /** Values that are written beside it, ascending. */
  readonly ticks: readonly number[];
  /** Place of a value in percent of the axis' length; what lies beyond is at its end. */
  readonly place: (value: number) => number;
}

/** What is shown: a value and the ends of its interval, null without one. */
export interface Extent {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Free on both sides, in percent: room for half of a mark. */
const MARGIN = 3;
/** An axis of ratios spans this at least: a narrower one makes a small effect look large. */
const RATIOS_MIN = [0.5, 2] as const;
/** Intervals widen an axis of ratios up to this many times its values; beyond it they are cut. */
const RATIO_REACH_MAX = 3;
/** Ticks of a decade, the densest first. */
const TICKS = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] as const;
/** Ticks are this far apart at least, in percent of a wide axis. */
const GAP_MIN = 8;
const DECADES = [0.01, 0.1, 1, 10, 100];

/** A logarithmic axis that has 1 on it. Ratios of 0 are at its lower end. A narrow picture needs ticks that are farther apart. */
export function ratioAxis(extents: readonly Extent[], gapMin: number = GAP_MIN): ChartAxis {
  const values = extents.flatMap(({ value }) => (value === null || value <= 0 ? [] : [value]));
  const [least, most] = [Math.min(RATIOS_MIN[0], ...values), Math.max(RATIOS_MIN[1], ...values)];
  const low = Math.max(least / RATIO_REACH_MAX, Math.min(least, ...endsOf(extents, 'low')));
  const high = Math.min(most * RATIO_REACH_MAX, Math.max(most, ...endsOf(extents, 'high')));
  const span = Math.log(high / low);
  const ticksOf = (steps: readonly number[]): readonly number[] =>
    DECADES.flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(2)))).filter(
      (tick) => low <= tick && tick <= high,
    );
  const place = (value: number): number => placed(value <= 0 ? 0 : Math.log(value / low) / span);
  const isAiry = (ticks: readonly number[]): boolean =>
    ticks.every((tick, at) => at === 0 || place(tick) - place(ticks[at - 1] ?? 0) >= gapMin);
  return { low, high, ticks: TICKS.map(ticksOf).find(isAiry) ?? [1], place };
}

/** Intervals widen an axis of differences up to this many times its largest value. */
const REACH_MAX = 3;
/** A step between ticks is one of these times a power of ten. */
const STEPS = [1, 2, 5, 10];
const STEPS_WANTED = 5;

/** An axis that has 0 on it. */
export function zeroAxis(extents: readonly Extent[]): ChartAxis {
  const values = extents.flatMap(({ value }) => (value === null ? [] : [value]));
  const ends = [...endsOf(extents, 'low'), ...endsOf(extents, 'high')];
  const largest = Math.max(0, ...values.map(Math.abs)) || Math.max(0, ...ends.map(Math.abs)) || 1;
  const within = (value: number): number =>
    Math.min(largest * REACH_MAX, Math.max(-largest * REACH_MAX, value));
  const shown = [0, ...values, ...ends.map(within)];
  const low = Math.min(...shown);
  const high = Math.max(...shown) || (low < 0 ? 0 : 1);
  const wanted = (high - low) / STEPS_WANTED;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = power * (STEPS.find((one) => one * power >= wanted) ?? 10);
  const ticks: number[] = [];
  for (let count = Math.ceil(low / step); count * step <= high; count += 1)
    ticks.push(Number((count * step).toPrecision(12)));
  return { low, high, ticks, place: (value) => placed((value - low) / (high - low)) };
}

function endsOf(extents: readonly Extent[], end: 'low' | 'high'): readonly number[] {
  return extents.flatMap((extent) => extent[end] ?? []);
}

function placed(share: number): number {
  return MARGIN + Math.min(1, Math.max(0, share)) * (100 - 2 * MARGIN);
}
