import betaCdf from '@stdlib/stats-base-dists-beta-cdf';

/** Below this probability its complement is too near 1 to be told apart from it. */
const TINY = 1e-6;

/** Odds that any count of events can ask for lie within exp(-60) and exp(60). */
const LOG_ODDS_MAX = 60;

/**
 * P(X <= a) of a binomial with `a + b` trials whose log odds are `logOdds`, by the incomplete beta function: no sum over counts.
 * P(X >= a) is `atMost(b, a, -logOdds)`. An `a` of -1 gives 0.
 */
export function atMost(a: number, b: number, logOdds: number): number {
  if (a < 0) return 0;
  if (b === 0) return 1;
  const p = 1 / (1 + Math.exp(-logOdds));
  const q = 1 / (1 + Math.exp(logOdds));
  return p < TINY ? 1 - betaCdf(p, a + 1, b) : betaCdf(q, b, a + 1);
}

/** P(X < a) and half of P(X = a): the mid-P tail. */
export function midAtMost(a: number, b: number, logOdds: number): number {
  return (atMost(a - 1, b + 1, logOdds) + atMost(a, b, logOdds)) / 2;
}

/** The log odds at which a tail that grows with them reaches `level`, to the last bit (bisection). */
export function logOddsAt(level: number, tail: (logOdds: number) => number): number {
  let below = -LOG_ODDS_MAX;
  let above = LOG_ODDS_MAX;
  for (;;) {
    const middle = (below + above) / 2;
    if (middle <= below || middle >= above) return middle;
    if (tail(middle) < level) below = middle;
    else above = middle;
  }
}
