// @ts-check
/** @import { KpiValue } from './types.d.ts' */

export const WIDTH = 320;
export const HEIGHT = 72;
const MARGIN = 4;

/**
 * @typedef {object} Plot
 * @property {string} line Path through the values; a point without a value interrupts it.
 * @property {string} band Path around the intervals.
 * @property {number} low Lowest value.
 * @property {number} high Highest value.
 * @property {(value: number) => number} y Height of a value.
 * @property {(index: number) => number} x Place of a point.
 */

/**
 * The shape of a trend, in a box of {@link WIDTH} by {@link HEIGHT}; undefined when fewer than two points have a value.
 * @param {readonly Pick<KpiValue, 'value' | 'ci'>[]} points
 * @returns {Plot | undefined}
 */
export function plotOf(points) {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length < 2) return undefined;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.12;
  const [bottom, top] = [low - pad, high + pad];
  /** @param {number} value */
  const y = (value) => {
    const share = (Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom);
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
  };
  /** @param {number} index */
  const x = (index) => MARGIN + (index / (points.length - 1)) * (WIDTH - 2 * MARGIN);
  return { line: lineOf(points, x, y), band: bandOf(points, x, y), low, high, x, y };
}

/**
 * @param {readonly Pick<KpiValue, 'value'>[]} points
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 */
function lineOf(points, x, y) {
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

/**
 * @param {readonly Pick<KpiValue, 'ci'>[]} points
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 */
function bandOf(points, x, y) {
  return runs(points)
    .map((run) => {
      const upper = run.map(({ index, high }) => place(x(index), y(high)));
      const lower = run.toReversed().map(({ index, low }) => place(x(index), y(low)));
      return `M${[...upper, ...lower].join('L')}Z`;
    })
    .join('');
}

/**
 * Stretches of points that have an interval.
 * @param {readonly Pick<KpiValue, 'ci'>[]} points
 */
function runs(points) {
  /** @type {{ index: number, low: number, high: number }[][]} */
  const all = [[]];
  for (const [index, { ci }] of points.entries()) {
    if (ci === null || ci.high === null) all.push([]);
    else all.at(-1)?.push({ index, low: ci.low, high: ci.high });
  }
  return all.filter((run) => run.length > 1);
}

/** @param {number} x @param {number} y */
function place(x, y) {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/**
 * The point that lies `windowMs` before the last one, for a comparison of windows that do not overlap.
 * @template {{ readonly as_of: string }} Point
 * @param {readonly Point[]} points
 * @param {number} windowMs
 * @returns {Point | undefined}
 */
export function pointBefore(points, windowMs) {
  const last = points.at(-1);
  if (last === undefined) return undefined;
  const limit = Date.parse(last.as_of) - windowMs;
  return points.findLast((point) => Date.parse(point.as_of) <= limit);
}
