import type { KpiValue } from './answers.ts';

export const WIDTH = 320;
export const HEIGHT = 84;
const MARGIN = 4;
const AIR = 0.12;
/** Intervals may widen the picture by this share of the values' own range on each side; beyond it they are cut. */
const REACH_MAX = 1;

type Point = Pick<KpiValue, 'value' | 'ci'>;

/** A trend in a box of {@link WIDTH} by {@link HEIGHT}. */
export interface Plot {
  /** Path through the values; a point without a value interrupts it. */
  readonly line: string;
  /** Path around the intervals. */
  readonly band: string;
  readonly low: number;
  readonly high: number;
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

/** The shape of a trend; undefined when fewer than two points have a value. */
export function plotOf(points: readonly Point[]): Plot | undefined {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length < 2) return undefined;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const [bottom, top] = extentOf(points, low, high);
  const y = (value: number): number => {
    const share = (Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom);
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
  };
  const x = (index: number): number =>
    MARGIN + (index / (points.length - 1)) * (WIDTH - 2 * MARGIN);
  return { line: lineOf(points, x, y), band: bandOf(points, x, y), low, high, x, y };
}

/** What the picture spans: the values with some air, and their intervals as far as these leave the values readable. */
function extentOf(points: readonly Point[], low: number, high: number): readonly [number, number] {
  const range = high === low ? Math.abs(high) || 1 : high - low;
  const [least, most] = [range * AIR, range * REACH_MAX];
  const lows = points.flatMap(({ ci }) => (ci === null ? [] : [ci.low]));
  const highs = points.flatMap(({ ci }) => (ci === null || ci.high === null ? [] : [ci.high]));
  return [
    Math.min(low - least, Math.max(low - most, Math.min(low, ...lows))),
    Math.max(high + least, Math.min(high + most, Math.max(high, ...highs))),
  ];
}

type Scale = (at: number) => number;

function lineOf(points: readonly Point[], x: Scale, y: Scale): string {
  let isDown = false;
  return points
    .map(({ value }, index) => {
      if (value === null) {
        isDown = false;
        return '';
      }
      const step = `${isDown ? 'L' : 'M'}${place(x(index), y(value))}`;
      isDown = true;
      return step;
    })
    .join('');
}

function bandOf(points: readonly Point[], x: Scale, y: Scale): string {
  return runsOf(points)
    .map((run) => {
      const upper = run.map(({ index, high }) => place(x(index), y(high)));
      const lower = run.toReversed().map(({ index, low }) => place(x(index), y(low)));
      return `M${[...upper, ...lower].join('L')}Z`;
    })
    .join('');
}

interface Reach {
  readonly index: number;
  readonly low: number;
  readonly high: number;
}

/** Stretches of at least two points that have an interval. */
function runsOf(points: readonly Point[]): readonly (readonly Reach[])[] {
  const runs: Reach[][] = [[]];
  for (const [index, { ci }] of points.entries()) {
    if (ci === null || ci.high === null) runs.push([]);
    else runs.at(-1)?.push({ index, low: ci.low, high: ci.high });
  }
  return runs.filter((run) => run.length > 1);
}

function place(x: number, y: number): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
