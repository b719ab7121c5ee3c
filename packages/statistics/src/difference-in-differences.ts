import { type SmallSample, clusteredSpread } from './clusters.ts';
import {
  type ContrastTime,
  type ContrastTotals,
  HALVES,
  type TreatedShare,
  addContrasts,
  halfOf,
  stratumOf,
  sumContrasts,
  treatedShare,
} from './contrast.ts';
import { type LogRatio } from './log-ratio.ts';
import { sumOf } from './strata.ts';

/** A ratio of ratios. Its own standard error is the clustered one. */
export interface ContrastRatio extends LogRatio {
  /** Standard error of the logarithm if events were independent: too short, for comparison. */
  readonly poissonSe: number;
  /** Of the strata that were used. */
  readonly totals: ContrastTotals;
  /** What part of the treated accounts lies in used strata. */
  readonly overlap: TreatedShare;
  /** Accounts with time in used strata. */
  readonly accounts: number;
}

/** How a stratum enters the estimating equation `up - ratio * down = 0`. */
interface Term {
  readonly up: number;
  readonly down: number;
  readonly totals: ContrastTotals;
  readonly events: number;
  /** Root of what the times alone make of the treated accounts' after/before ratio, over the same of the controls. */
  readonly exposure: number;
}

/** How much an event of each half moves the equation, and how many are expected per unit of time. */
type Pull = Readonly<Record<keyof ContrastTotals, { weight: number; rate: number }>>;

/**
 * Treated accounts' after/before ratio of rates, over that of their controls (STATISTICS.md 6), clustered by account. Strata are
 * matching cells, such as plan, tenure at the moment of treatment and week of it; they are pooled like odds ratios by Mantel and
 * Haenszel, with the times as offsets, so that each treated account is compared with its own controls and a stratum may be tiny.
 * A stratum that lacks time in one of its four halves drops out, see `overlap`. In one stratum the ratio, `poissonSe` and the
 * clustered error are the plain ones; in many tiny ones the clustered error errs on the long side.
 * An account may be control in several strata and treated in a later one. Undefined where one of the four counts, or what they
 * pool to, is 0, and for fewer than two accounts. Throws a RangeError on impossible counts or times.
 */
export function differenceInDifferences(
  cells: readonly ContrastTime[],
  options: SmallSample = {},
): ContrastRatio | undefined {
  const strata = sumContrasts(cells);
  const terms = termsOf(strata);
  const up = sumOf(terms.values(), (term) => term.up);
  const down = sumOf(terms.values(), (term) => term.down);
  const totals = addContrasts([...terms.values()].map((term) => term.totals));
  if (up === 0 || down === 0 || HALVES.some((half) => totals[half].events === 0)) return undefined;
  const ratio = up / down;
  const influences = influencesOf(cells, terms, ratio);
  if (influences.size < 2) return undefined;
  const { se, degreesOfFreedom } = clusteredSpread(
    [...influences.values()].map((influence) => influence / up),
    influences.size,
    options,
  );
  const variance = sumOf(terms.values(), (term) => poissonVariance(term, ratio));
  return {
    ratio,
    logSe: se,
    degreesOfFreedom,
    poissonSe: Math.sqrt(variance) / up,
    totals,
    overlap: treatedShare(totals, addContrasts(strata.values())),
    accounts: influences.size,
  };
}

function termsOf(strata: ReadonlyMap<string, ContrastTotals>): ReadonlyMap<string, Term> {
  const terms = new Map<string, Term>();
  for (const [stratum, totals] of strata) {
    if (HALVES.some((half) => totals[half].time === 0)) continue;
    const { treatedBefore, treatedAfter, controlBefore, controlAfter } = totals;
    const events = sumOf(HALVES, (half) => totals[half].events);
    const exposure = Math.sqrt(
      treatedAfter.time / treatedBefore.time / (controlAfter.time / controlBefore.time),
    );
    const perEvent = events === 0 ? 0 : 1 / events;
    // Half of the offset on either side: exchanging the groups then inverts the ratio.
    const up = ((treatedAfter.events * controlBefore.events) / exposure) * perEvent;
    const down = treatedBefore.events * controlAfter.events * exposure * perEvent;
    terms.set(stratum, { up, down, totals, events, exposure });
  }
  return terms;
}

/** As of pooled odds ratios (Robins, Breslow & Greenland 1986), with the times as offsets. */
function poissonVariance({ up, down, totals, events, exposure }: Term, ratio: number): number {
  if (events === 0) return 0;
  const { treatedBefore, treatedAfter, controlBefore, controlAfter } = totals;
  const agreeing = (treatedAfter.events + controlBefore.events) / exposure;
  const opposing = ratio * exposure * (treatedBefore.events + controlAfter.events);
  return ((up + ratio * down) * (agreeing + opposing)) / events / 2;
}

function influencesOf(
  cells: readonly ContrastTime[],
  terms: ReadonlyMap<string, Term>,
  ratio: number,
): ReadonlyMap<string, number> {
  const pulls = new Map([...terms].map(([stratum, term]) => [stratum, pullOf(term, ratio)]));
  const influences = new Map<string, number>();
  for (const cell of cells) {
    const pull = pulls.get(stratumOf(cell))?.[halfOf(cell)];
    if (pull === undefined || cell.time === 0) continue;
    const influence = pull.weight * (cell.events - pull.rate * cell.time);
    influences.set(cell.account, (influences.get(cell.account) ?? 0) + influence);
  }
  return influences;
}

/**
 * Expected events keep the total of the treated and that of the controls, and differ by the pooled ratio: they are the observed
 * ones in a single stratum, and not in a tiny one, where those would leave no residuals.
 */
function pullOf({ totals, events, exposure }: Term, ratio: number): Pull {
  const { treatedBefore, treatedAfter, controlBefore, controlAfter } = totals;
  const scale = ratio * exposure ** 2;
  const treated = treatedBefore.events + treatedAfter.events;
  const control = controlBefore.events + controlAfter.events;
  const treatedAfterShare = shareOf(scale * controlAfter.events, controlBefore.events);
  const controlAfterShare = shareOf(treatedAfter.events, scale * treatedBefore.events);
  const perEvent = events === 0 ? 0 : 1 / events;
  const pull = (weight: number, expected: number, time: number): Pull[keyof Pull] => ({
    weight: (weight / exposure) * perEvent,
    rate: expected / time,
  });
  const treatedExpected = treated * treatedAfterShare;
  const controlExpected = control * controlAfterShare;
  return {
    treatedAfter: pull(controlBefore.events, treatedExpected, treatedAfter.time),
    treatedBefore: pull(
      -scale * controlAfter.events,
      treated - treatedExpected,
      treatedBefore.time,
    ),
    controlBefore: pull(treatedAfter.events, control - controlExpected, controlBefore.time),
    controlAfter: pull(-scale * treatedBefore.events, controlExpected, controlAfter.time),
  };
}

function shareOf(part: number, rest: number): number {
  return part + rest === 0 ? 0 : part / (part + rest);
}
