import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

import { type Interval, TAIL, assertCount } from './interval.ts';

const Z = normalQuantile(1 - TAIL, 0, 1);
/** Products of fractions miss a half by rounding. */
const HALF = 0.5 + 1e-9;

/** How many of those who were followed for exactly this long had the event, and how many were lost sight of. */
export interface FollowUp {
  /** Not negative, in any unit of time. */
  readonly time: number;
  readonly events: number;
  readonly censored: number;
}

/** The share without the event after `time`, with its pointwise band. */
export interface SurvivalPoint extends Interval {
  readonly time: number;
  readonly survival: number;
}

/**
 * Kaplan-Meier estimate: a point for each time with an event, ascending; before the first it is 1 (STATISTICS.md 8). At one time
 * events come before the lost. The band is Greenwood's on the log(-log) scale; where nobody is left it is 0 to the bound before.
 * Throws a RangeError on times or counts that are none.
 */
export function kaplanMeier(followUps: readonly FollowUp[]): readonly SurvivalPoint[] {
  for (const { time, events, censored } of followUps) {
    if (!(time >= 0 && Number.isFinite(time))) throw new RangeError(`${time} is no length of time`);
    assertCount('events', events);
    assertCount('censored', censored);
  }
  const ascending = followUps.toSorted((a, b) => a.time - b.time);
  let atRisk = ascending.reduce((sum, { events, censored }) => sum + events + censored, 0);
  let survival = 1;
  let greenwood = 0;
  const points: SurvivalPoint[] = [];
  for (const { time, events, censored } of together(ascending)) {
    if (events > 0) {
      survival *= 1 - events / atRisk;
      greenwood += events / (atRisk * (atRisk - events));
      points.push({ time, survival, ...bandOf(survival, greenwood, points.at(-1)) });
    }
    atRisk -= events + censored;
  }
  return points;
}

/** One follow-up for each time. */
function together(ascending: readonly FollowUp[]): readonly FollowUp[] {
  const merged: FollowUp[] = [];
  for (const one of ascending) {
    const last = merged.at(-1);
    if (last?.time !== one.time) {
      merged.push(one);
      continue;
    }
    const events = last.events + one.events;
    merged[merged.length - 1] = { ...last, events, censored: last.censored + one.censored };
  }
  return merged;
}

function bandOf(survival: number, greenwood: number, before: SurvivalPoint | undefined): Interval {
  if (survival <= 0 || !Number.isFinite(greenwood)) return { low: 0, high: before?.high ?? 1 };
  const spread = (Z * Math.sqrt(greenwood)) / Math.log(survival);
  return { low: survival ** Math.exp(-spread), high: survival ** Math.exp(spread) };
}

/** The share that had the event by a time, that time included. */
export function shareBy(points: readonly SurvivalPoint[], time: number): number {
  return 1 - (points.findLast((point) => point.time <= time)?.survival ?? 1);
}

/** The time by which half had the event, and the limits of it; null where the curve or its band stays above a half. */
export interface MedianTime {
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** The smallest time at which no more than half are without the event; its limits are those of the band. */
export function medianTime(points: readonly SurvivalPoint[]): MedianTime {
  const first = (read: (point: SurvivalPoint) => number): number | null =>
    points.find((point) => read(point) <= HALF)?.time ?? null;
  return {
    median: first(({ survival }) => survival),
    low: first(({ low }) => low),
    high: first(({ high }) => high),
  };
}
