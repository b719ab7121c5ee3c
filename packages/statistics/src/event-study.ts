import { quantileOf, NORMAL_CLUSTERS_MIN } from './clusters.ts';
import { type Interval, assertCount } from './interval.ts';
import {
  type Change,
  type PanelRow,
  type Track,
  changesOf,
  meanChange,
  tracksOf,
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
  readonly treated: readonly Change[];
  readonly controls: readonly Change[];
  readonly controlMean: number;
}

/** A point and how much each account moves it. */
interface Estimated {
  readonly point: EventPoint;
  readonly influences: ReadonlyMap<number, number>;
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
  const strata = Map.groupBy(tracksOf(rows), ({ stratum }) => stratum);
  const estimated: Estimated[] = [];
  for (let eventTime = 0 - leads; eventTime <= lags; eventTime += 1) {
    const comparisons = [...strata.values()].flatMap((tracks) => compare(tracks, eventTime));
    const estimate = estimateAt(eventTime, comparisons);
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
function compare(tracks: readonly Track[], eventTime: number): readonly Comparison[] {
  return [...Map.groupBy(tracks, ({ cohort }) => cohort)].flatMap(([cohort, members]) => {
    if (cohort === null) return [];
    const to = cohort + eventTime;
    const between = { from: eventTime < 0 ? to - 1 : cohort - 1, to };
    const untrained = tracks.filter(
      (one) => one.cohort === null || (one.cohort > to && one.cohort !== cohort),
    );
    const treated = changesOf(members, between);
    const controls = changesOf(untrained, between);
    if (treated.length === 0 || controls.length < CONTROLS_MIN) return [];
    return [{ treated, controls, controlMean: meanChange(controls) }];
  });
}

function estimateAt(eventTime: number, comparisons: readonly Comparison[]): Estimated | undefined {
  const accounts = sumOf(comparisons, ({ treated }) => treated.length);
  if (accounts < 2) return undefined;
  const estimate = sumOf(
    comparisons,
    ({ treated, controlMean }) => (treated.length / accounts) * (meanChange(treated) - controlMean),
  );
  const influences = new Map<number, number>();
  const add = addTo(influences, ROUNDING * highest(comparisons));
  for (const { treated, controls, controlMean } of comparisons) {
    const share = treated.length / accounts;
    // Around the pooled effect, not around that of the cohort: a cohort of one account has a spread too.
    add(treated, controlMean + estimate, share * Math.sqrt(accounts / (accounts - 1)));
    add(controls, controlMean, -share * Math.sqrt(controls.length / (controls.length - 1)));
  }
  const se = Math.sqrt(covariance(influences, influences));
  const half = se * quantileOf(accounts < NORMAL_CLUSTERS_MIN ? accounts - 1 : null);
  const point = { eventTime, estimate, low: estimate - half, high: estimate + half, accounts };
  return { point, influences };
}

/** Adds what each change moves a mean that has this share in the estimate; nothing where it is as near the centre as rounding. */
function addTo(
  influences: Map<number, number>,
  tolerance: number,
): (changes: readonly Change[], centre: number, share: number) => void {
  return (changes, centre, share) => {
    const weights = sumOf(changes, ({ weight }) => weight);
    for (const { index, change, weight } of changes) {
      const beyond = Math.abs(change - centre) <= tolerance ? 0 : change - centre;
      influences.set(index, (influences.get(index) ?? 0) + share * (weight / weights) * beyond);
    }
  };
}

function highest(comparisons: readonly Comparison[]): number {
  let most = 0;
  for (const { treated, controls } of comparisons)
    for (const { level } of [...treated, ...controls]) most = Math.max(most, level);
  return most;
}

function covariance(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): number {
  return sumOf(one, ([index, influence]) => influence * (other.get(index) ?? 0));
}
