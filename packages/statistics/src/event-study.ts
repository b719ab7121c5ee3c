import { quantileOf, NORMAL_CLUSTERS_MIN } from './clusters.ts';
import { type Interval, assertCount } from './interval.ts';
import {
  type Between,
  type PanelRow,
  type Track,
  changeOf,
  levelOf,
  panelOf,
  weightOf,
} from './panel.ts';
import { sumOf } from './strata.ts';
import { type JointTest, waldTest } from './wald.ts';

/** Effect on the rate, in events per unit of time, so many periods after the training; before it a placebo. */
export interface EventPoint extends Interval {
  /** Periods since that of the training; negative before it. */
  readonly eventTime: number;
  readonly estimate: number;
  /** Trained accounts that were compared. */
  readonly accounts: number;
}

export interface EventStudy {
  /** Ascending; event times without a comparison are missing. */
  readonly points: readonly EventPoint[];
  /** Whether trained accounts had changed like their controls already; null without a placebo that varies. */
  readonly preTrend: JointTest | null;
}

export interface EventStudyOptions {
  /** How many periods before the training to show as placebos. */
  readonly leads: number;
  /** How many periods after that of the training to show. */
  readonly lags: number;
}

/** A single control shows no spread. */
const CONTROLS_MIN = 2;

/** Changes that differ by no more than this part of the rates are alike: a spread of rounding errors would look like certainty. */
const ROUNDING = 1e-12;

/** Accounts of one stratum trained in one period, and those they are compared with at one event time. */
interface Comparison {
  readonly between: Between;
  readonly treated: Changed;
  readonly controls: Changed;
}

/** Accounts with time in both periods, and their mean change, each weighted by what is known of it. */
interface Changed {
  readonly tracks: readonly Track[];
  readonly weights: number;
  readonly mean: number;
  /** The largest sum of two rates. */
  readonly level: number;
}

/** A point and how much each account moves it, by the index of its track. */
interface Estimated {
  readonly point: EventPoint;
  readonly influences: Float64Array;
}

/**
 * Event study of staggered training with not-yet-trained controls (STATISTICS.md 6; Callaway & Sant'Anna 2021). The outcome is
 * an account's rate in a period. Its change since the period before training (before that: since the period before, so that
 * each lead is a placebo) is compared with the change of accounts of the stratum that are not trained by then; already trained
 * ones are never controls. Changes are weighted by t*s/(t + s) of the times in the two periods: equally where periods are
 * whole, less where an account began or left within one. Cohorts are weighted by their accounts. Standard errors come from
 * influence functions, clustered by account, without random draws; they take cohorts to be affected alike and are too long
 * otherwise. Below 40 trained accounts points use the t distribution. The outcome is additive: groups of other levels need a
 * stratum each. Undefined where nothing can be compared. Throws a RangeError on impossible rows, or leads and lags that are no
 * counts.
 */
export function eventStudy(
  rows: readonly PanelRow[],
  { leads, lags }: EventStudyOptions,
): EventStudy | undefined {
  assertCount('leads', leads);
  assertCount('lags', lags);
  const { tracks, firstPeriod } = panelOf(rows);
  const strata = [...Map.groupBy(tracks, ({ stratum }) => stratum).values()].map((members) =>
    Map.groupBy(members, ({ cohort }) => cohort),
  );
  const estimated: Estimated[] = [];
  for (let eventTime = 0 - leads; eventTime <= lags; eventTime += 1) {
    const comparisons = strata.flatMap((cohorts) => compare(cohorts, { eventTime, firstPeriod }));
    const estimate = estimateAt(eventTime, comparisons, tracks.length);
    if (estimate !== undefined) estimated.push(estimate);
  }
  if (estimated.length === 0) return undefined;
  const placebos = estimated.filter(({ point }) => point.eventTime < 0);
  return {
    points: estimated.map(({ point }) => point),
    preTrend: waldTest(
      placebos.map(({ point }) => point.estimate),
      placebos.map((one) => placebos.map((other) => covariance(one.influences, other.influences))),
    ),
  };
}

/** One comparison for each cohort of a stratum that has controls at that event time. */
function compare(
  cohorts: ReadonlyMap<number | null, readonly Track[]>,
  { eventTime, firstPeriod }: { readonly eventTime: number; readonly firstPeriod: number },
): readonly Comparison[] {
  return [...cohorts].flatMap(([cohort, members]) => {
    if (cohort === null) return [];
    const last = cohort + eventTime;
    const base = eventTime < 0 ? last - 1 : cohort - 1;
    const between = { from: base - firstPeriod, to: last - firstPeriod };
    const treated = changed([members], between);
    if (treated.tracks.length === 0) return [];
    const untrained = [...cohorts]
      .filter(([other]) => other === null || (other > last && other !== cohort))
      .map(([, tracks]) => tracks);
    const controls = changed(untrained, between);
    return controls.tracks.length < CONTROLS_MIN ? [] : [{ between, treated, controls }];
  });
}

function changed(groups: readonly (readonly Track[])[], between: Between): Changed {
  const tracks: Track[] = [];
  let [sum, weights, level] = [0, 0, 0];
  for (const group of groups) {
    for (const track of group) {
      const weight = weightOf(track, between);
      if (weight === 0) continue;
      tracks.push(track);
      sum += weight * changeOf(track, between);
      weights += weight;
      level = Math.max(level, levelOf(track, between));
    }
  }
  return { tracks, weights, mean: sum / weights, level };
}

function estimateAt(
  eventTime: number,
  comparisons: readonly Comparison[],
  tracks: number,
): Estimated | undefined {
  const accounts = sumOf(comparisons, ({ treated }) => treated.tracks.length);
  if (accounts < 2) return undefined;
  const estimate = sumOf(
    comparisons,
    ({ treated, controls }) => (treated.tracks.length / accounts) * (treated.mean - controls.mean),
  );
  const influences = new Float64Array(tracks);
  const highest = comparisons.reduce(
    (most, { treated, controls }) => Math.max(most, treated.level, controls.level),
    0,
  );
  const tolerance = ROUNDING * highest;
  for (const { between, treated, controls } of comparisons) {
    const share = treated.tracks.length / accounts;
    // Around the pooled effect, not around that of the cohort: a cohort of one account has a spread too.
    const treatedShare = share * Math.sqrt(accounts / (accounts - 1));
    const centre = controls.mean + estimate;
    addInfluences(influences, treated, { between, centre, tolerance, share: treatedShare });
    const count = controls.tracks.length;
    const controlShare = -share * Math.sqrt(count / (count - 1));
    addInfluences(influences, controls, {
      between,
      centre: controls.mean,
      tolerance,
      share: controlShare,
    });
  }
  const se = Math.sqrt(covariance(influences, influences));
  const half = se * quantileOf(accounts < NORMAL_CLUSTERS_MIN ? accounts - 1 : null);
  const point = { eventTime, estimate, low: estimate - half, high: estimate + half, accounts };
  return { point, influences };
}

/** What each change moves a mean that has this share in the estimate; nothing where it is as near the centre as rounding. */
function addInfluences(
  influences: Float64Array,
  { tracks, weights }: Changed,
  {
    between,
    centre,
    tolerance,
    share,
  }: {
    readonly between: Between;
    readonly centre: number;
    readonly tolerance: number;
    readonly share: number;
  },
): void {
  for (const track of tracks) {
    const weight = weightOf(track, between);
    const beyond = changeOf(track, between) - centre;
    if (Math.abs(beyond) <= tolerance) continue;
    const influence = share * (weight / weights) * beyond;
    influences[track.index] = (influences[track.index] ?? 0) + influence;
  }
}

function covariance(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1)
    sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
