import { type Components, type CurveStep, DAY_MS, curveOf } from '@kpi/core';
import { LEVEL, type SurvivalPoint, kaplanMeier, medianTime, shareBy } from '@kpi/statistics';

import { type Read } from './read.ts';

const METHOD = 'kaplan_meier';

/** What a survival curve says: its median in days, or the share that had the event by then (KPI_SPEC 2.11, 7.4). */
export function readSurvival(byMs: number | 'median', components: Components): Read {
  const steps = curveOf(components);
  const points = kaplanMeier(steps);
  return byMs === 'median' ? readMedian(points, steps) : readShare(points, steps, byMs);
}

function readMedian(points: readonly SurvivalPoint[], steps: readonly CurveStep[]): Read {
  const { median, low, high } = medianTime(points);
  if (median === null || low === null)
    return unknown(`half takes longer than the ${inDays(lastOf(steps))} days that were followed`);
  const ci = {
    level: LEVEL,
    low: low / DAY_MS,
    high: high === null ? null : high / DAY_MS,
    method: METHOD,
  };
  return { value: median / DAY_MS, ci, findings: [] };
}

function readShare(
  points: readonly SurvivalPoint[],
  steps: readonly CurveStep[],
  byMs: number,
): Read {
  const isOver = points.at(-1)?.survival === 0;
  if (byMs > lastOf(steps) && !isOver)
    return unknown(`nobody was followed for longer than ${inDays(lastOf(steps))} days`);
  const point = points.findLast(({ time }) => time <= byMs);
  const ci =
    point === undefined
      ? null
      : { level: LEVEL, low: 1 - point.high, high: 1 - point.low, method: METHOD };
  return { value: shareBy(points, byMs), ci, findings: [] };
}

function unknown(note: string): Read {
  return { value: null, ci: null, findings: [{ status: 'immature', note }] };
}

/** Length of the longest follow-up. */
function lastOf(steps: readonly CurveStep[]): number {
  return steps.reduce((longest, { time }) => Math.max(longest, time), 0);
}

function inDays(ms: number): string {
  return (ms / DAY_MS).toFixed(1);
}
