import { type KpiEvent } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';

/** Minor-unit digits of the currencies the tests use besides those with two. */
const DIGITS: Readonly<Record<string, number>> = { JPY: 0, KWD: 3 };

export function utcDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Published exchange rates. Timeless; of two statements about one pair and date the last holds. */
export class NaiveRates {
  readonly #published: readonly { pair: string; date: string; rate: string }[];

  constructor(events: readonly KpiEvent[]) {
    const rates = ofTypes(events, ['fx.rate_published']);
    this.#published = lastOfEach(rates, (event) =>
      [event.base, event.quote, event.date].join(' '),
    ).map(({ base, quote, date, rate }) => ({ pair: `${base}/${quote}`, date, rate }));
  }

  /** Minor units of one currency as minor units of another at the rate of a UTC date; undefined without a rate. */
  convert(amount: bigint, pair: { from: string; to: string }, date: string): bigint | undefined {
    const { from, to } = pair;
    if (from === to) return amount;
    const direct = this.#latest(`${from}/${to}`, date);
    const inverse = this.#latest(`${to}/${from}`, date);
    const scale = 10n ** BigInt(DIGITS[to] ?? 2);
    const unscale = 10n ** BigInt(DIGITS[from] ?? 2);
    if (direct !== undefined) return halfEven(amount * direct.units * scale, direct.ones * unscale);
    if (inverse !== undefined)
      return halfEven(amount * inverse.ones * scale, inverse.units * unscale);
    return undefined;
  }

  /** The rate as a fraction units / ones. */
  #latest(pair: string, date: string): { units: bigint; ones: bigint } | undefined {
    const [latest] = this.#published
      .filter((one) => one.pair === pair && one.date <= date)
      .toSorted((a, b) => Number(a.date < b.date) - Number(a.date > b.date));
    if (latest === undefined) return undefined;
    const [whole = '', fraction = ''] = latest.rate.split('.');
    return { units: BigInt(whole + fraction), ones: 10n ** BigInt(fraction.length) };
  }
}

/** a / b to the nearest integer, a half to the even one; b above 0. */
export function halfEven(a: bigint, b: bigint): bigint {
  const remainder = ((a % b) + b) % b;
  const floor = (a - remainder) / b;
  if (remainder * 2n < b) return floor;
  if (remainder * 2n > b) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
}
