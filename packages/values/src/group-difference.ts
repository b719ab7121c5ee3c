import { type Components, type KpiValue, curveOf } from '@kpi/core';
import {
  type Interval,
  LEVEL,
  type RateGroup,
  exactRatio,
  kaplanMeier,
  logRank,
  logWaldRatio,
  meanDifference,
  midPRatio,
  netScoreDifference,
  newcombe,
  rateDifference,
  rateRatio,
  shareBy,
} from '@kpi/statistics';

import { type DifferenceUnit } from './comparison.ts';
import { type Subject, countsOf } from './envelope.ts';

type ReportedInterval = KpiValue['ci'];

/** How a KPI differs between two groups of different units (STATISTICS 3, 7, 8). */
export interface GroupDifference {
  /** First less second: shares in percentage points, all else in the unit of the value; null where either has no value. */
  readonly difference: number | null;
  readonly unit: DifferenceUnit;
  readonly ci: ReportedInterval;
  /** First over second, of rates only; null where the second is 0. */
  readonly ratio: { readonly value: number; readonly ci: ReportedInterval } | null;
  /** Of survival curves: the log-rank test over the whole of them. */
  readonly p_value: number | null;
  readonly notes: readonly string[];
}

interface Sides {
  readonly one: Components;
  readonly zero: Components;
}

/** The values as they were published, for what has no interval. */
type Values = readonly [one: KpiValue, zero: KpiValue];

const NOTHING = { difference: null, ci: null, ratio: null, p_value: null } as const;
const NO_INTERVAL = 'no interval: units are not independent, or their spread is not known';

/** The difference with the interval that fits the KPI's type. */
export function groupDifference(subject: Subject, sides: Sides, values: Values): GroupDifference {
  const { variant, kpi } = subject;
  const unit = unitOf(variant.unit ?? kpi.unit);
  const [first, second] = values;
  const plain = { ...NOTHING, unit, notes: [NO_INTERVAL] };
  if (first.value === null || second.value === null) {
    const lacking = first.value === null ? first : second;
    return { ...plain, notes: [`a group has no value: ${lacking.notes[0] ?? lacking.status}`] };
  }
  const shown = unit === 'percentage_points' ? 100 : 1;
  const difference = (first.value - second.value) * shown;
  const [one, zero] = [countsOf(variant, sides.one), countsOf(variant, sides.zero)];
  const scale = (variant.scale ?? 1) * shown;
  const within = (interval: Interval, method: string): GroupDifference => ({
    ...NOTHING,
    unit,
    difference,
    ci: { level: LEVEL, low: interval.low * scale, high: interval.high * scale, method },
    notes: [],
  });
  switch (variant.interval) {
    case 'wilson':
      return within(newcombe(trialsOf(one), trialsOf(zero)), 'newcombe');
    case 'garwood': {
      const groups = [rateOf(one), rateOf(zero)] as const;
      return {
        ...within(rateDifference(...groups), 'poisson'),
        ratio: ratioOf(...groups),
        notes: ['the interval takes events as independent: too short where they come together'],
      };
    }
    case 'adjusted_wald':
      return within(netScoreDifference(netOf(one), netOf(zero)), 'adjusted_wald');
    case 'student_t':
      return one.denominator < SCORES_MIN || zero.denominator < SCORES_MIN
        ? { ...plain, difference, notes: [`fewer than ${SCORES_MIN} scores in a group`] }
        : within(meanDifference(scoresOf(one), scoresOf(zero)), 'welch_t');
    case 'kaplan_meier':
      return { ...survivalDifference(subject, sides), unit, difference };
    case 'none':
      return { ...plain, difference };
  }
}

/** Fewer scores have a mean that is not yet normal (KPI_SPEC 2.14). */
const SCORES_MIN = 30n;
/** With fewer events in a group the logarithm of a ratio is not normal (STATISTICS 11). */
const EVENTS_MIN = 5;

function survivalDifference({ variant }: Subject, sides: Sides) {
  const [one, zero] = [curveOf(sides.one), curveOf(sides.zero)];
  const { pValue } = logRank(one, zero);
  const byMs = variant.survival?.byMs;
  const notes = ['p is of the log-rank test over the whole curves'];
  if (byMs === undefined || byMs === 'median')
    return {
      ...NOTHING,
      p_value: pValue,
      notes: [...notes, 'a difference of medians has no interval'],
    };
  // Greenwood's errors of two independent curves add.
  const [low, high] = [one, zero].map((steps) => {
    const points = kaplanMeier(steps);
    const point = points.findLast(({ time }) => time <= byMs);
    const share = shareBy(points, byMs);
    return { share, low: 1 - (point?.high ?? 1), high: 1 - (point?.low ?? 1) };
  });
  if (low === undefined || high === undefined) return { ...NOTHING, p_value: pValue, notes };
  const d = low.share - high.share;
  const ci = {
    level: LEVEL,
    low: (d - Math.hypot(low.share - low.low, high.high - high.share)) * 100,
    high: (d + Math.hypot(low.high - low.share, high.share - high.low)) * 100,
    method: 'kaplan_meier_hybrid',
  };
  return { ...NOTHING, p_value: pValue, ci, notes };
}

function ratioOf(one: RateGroup, zero: RateGroup): GroupDifference['ratio'] {
  const value = rateRatio(one, zero);
  if (value === null) return null;
  const fewest = Math.min(one.events, zero.events);
  if (fewest >= EVENTS_MIN) {
    return { value, ci: { level: LEVEL, ...logWaldRatio(one, zero), method: 'log_wald' } };
  }
  const isEmpty = fewest === 0;
  const { low, high } = (isEmpty ? exactRatio : midPRatio)(one, zero);
  return { value, ci: { level: LEVEL, low, high, method: isEmpty ? 'exact' : 'mid_p' } };
}

type Counts = ReturnType<typeof countsOf>;

function trialsOf({ numerator, denominator }: Counts) {
  return { successes: Number(numerator), n: Number(denominator) };
}

function rateOf({ numerator, denominator }: Counts): RateGroup {
  return { events: Number(numerator), time: Number(denominator) };
}

function netOf({ numerator, denominator, squares }: Counts) {
  return {
    positive: Number(squares + numerator) / 2,
    negative: Number(squares - numerator) / 2,
    n: Number(denominator),
  };
}

function scoresOf({ numerator, denominator, squares }: Counts) {
  return { n: Number(denominator), sum: Number(numerator), sumOfSquares: Number(squares) };
}

function unitOf(unit: KpiValue['unit']): DifferenceUnit {
  return unit === 'ratio' ? 'percentage_points' : unit;
}
