import { days } from '@kpi/core';

/** One 28-day stretch of an account's life, `[from, to)`, counted from 0 at its first contact. */
export interface Period {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

const PERIOD_MS = days(28);

/** Periods from `from` until one begins at or after `until`. */
export function* periods(from: number, until: number): Generator<Period> {
  for (let number = 0; from + number * PERIOD_MS < until; number += 1) {
    const start = from + number * PERIOD_MS;
    yield { number, from: start, to: start + PERIOD_MS };
  }
}
