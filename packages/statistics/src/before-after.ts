import { type LogRatio } from './log-ratio.ts';
import { type PairedTime, assertPaired } from './person-time.ts';
import { sumOf } from './strata.ts';

/** A ratio within accounts, with a standard error that does not take the events of an account as independent. */
export interface ConditionalRatio extends LogRatio {
  /** Standard error of the logarithm from the scores of the accounts; of a single account it is 0. */
  readonly robustSe: number;
}

/** An account that can tell: it has time in both states, and events. */
interface Informed {
  readonly a: number;
  readonly events: number;
  /** ln(t1 / t0). */
  readonly offset: number;
}

/** Newton's method doubles its digits at each step; halving alone needs no more than this. */
const STEPS_MAX = 200;
/** A step of the logarithm that is no step any more. */
const STEP_MIN = 1e-14;

/**
 * Ratio of the rate after to the rate before within the same accounts, given each account's total (STATISTICS.md 6; Whitaker et
 * al. 2006). One entry for each account. Fixed traits of accounts cancel; tenure and calendar do not: see
 * {@link differenceInDifferences}. Accounts without events or with one state only tell nothing. Undefined where the accounts that
 * tell have no event in one of the states. Throws a RangeError on impossible counts or times.
 */
export function conditionalRatio(accounts: readonly PairedTime[]): ConditionalRatio | undefined {
  for (const account of accounts) assertPaired(account);
  const informed = accounts
    .filter(({ a, t1, b, t0 }) => a + b > 0 && t1 > 0 && t0 > 0)
    .map(({ a, t1, b, t0 }) => ({ a, events: a + b, offset: Math.log(t1 / t0) }));
  const after = sumOf(informed, ({ a }) => a);
  const before = sumOf(informed, ({ a, events }) => events - a);
  if (after === 0 || before === 0) return undefined;
  const logRatio = rootOf(informed, Math.log(after / before));
  const information = informationAt(informed, logRatio);
  const squares = sumOf(informed, (account) => scoreAt(account, logRatio) ** 2);
  return {
    ratio: Math.exp(logRatio),
    logSe: 1 / Math.sqrt(information),
    degreesOfFreedom: null,
    robustSe: Math.sqrt(squares) / information,
  };
}

/** Where the scores sum to 0: Newton's method, halving whenever it would leave the bracket. */
function rootOf(informed: readonly Informed[], logOdds: number): number {
  // Were all offsets alike, the root would be the crude odds less the offset: it lies between those of the extremes.
  let low = Infinity;
  let high = -Infinity;
  for (const { offset } of informed) {
    low = Math.min(low, logOdds - offset);
    high = Math.max(high, logOdds - offset);
  }
  let root = (low + high) / 2;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const score = sumOf(informed, (account) => scoreAt(account, root));
    if (score > 0) low = root;
    else high = root;
    const newton = root + score / informationAt(informed, root);
    if (Math.abs(newton - root) <= STEP_MIN) return newton;
    root = newton > low && newton < high ? newton : (low + high) / 2;
  }
  return root;
}

/** Events after, less those expected of the account's total. */
function scoreAt({ a, events, offset }: Informed, logRatio: number): number {
  return a - events / (1 + Math.exp(-logRatio - offset));
}

function informationAt(informed: readonly Informed[], logRatio: number): number {
  return sumOf(informed, ({ events, offset }) => {
    const odds = Math.exp(logRatio + offset);
    return events / (1 + odds) / (1 + 1 / odds);
  });
}
