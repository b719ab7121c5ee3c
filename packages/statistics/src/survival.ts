import { type Interval, Z } from './interval.ts';
import { type FollowUp, riskSets } from './risk-set.ts';

export { type FollowUp } from './risk-set.ts';

/** Products of fractions miss a half by rounding. */
const HALF = 0.5 + 1e-9;

/** The share without the event after `time`, with its pointwise band. */
export interface SurvivalPoint extends Interval {
  readonly time: number;
  readonly survival: number;
}

/**
 * Kaplan-Meier estimate: a point for each time with an event, ascending; before the first it is 1 (STATISTICS.md 8). At one
 * time events come before the lost. The band is Greenwood's on the log(-log) scale; where nobody is left it is 0 to the bound
 * before. With late entries it is the share of those who had come so far; where the first few at risk all have the event it is
 * 0 for good. Throws a RangeError on times or counts that are none, and on entries that are not before the end.
 */
export function kaplanMeier(followUps: readonly FollowUp[]): readonly SurvivalPoint[] {
  let survival = 1;
  let greenwood = 0;
  const points: SurvivalPoint[] = [];
  for (const { time, events, atRisk } of riskSets(followUps)) {
    survival *= 1 - events / atRisk;
    greenwood += events / (atRisk * (atRisk - events));
    points.push({ time, survival, ...bandOf(survival, greenwood, points.at(-1)) });
  }
  return points;
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
