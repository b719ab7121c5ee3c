import { DAY_MS } from './duration.ts';

/** Decimal places of a rate kept in arithmetic; more are refused at the edge. */
const RATE_DIGITS = 10;

/** What a whole is in parts, where decimals are kept as whole numbers. */
export const RATE_SCALE: bigint = 10n ** BigInt(RATE_DIGITS);

/** Minor-unit digits of ISO 4217 currencies that do not have two. */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  BHD: 3, BIF: 0, CLF: 4, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0, KRW: 0, KWD: 3, LYD: 3, OMR: 3,
  PYG: 0, RWF: 0, TND: 3, UGX: 0, UYI: 0, UYW: 4, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}; // prettier-ignore

/** Digits after the decimal point of a currency's major unit. */
export function minorDigits(currency: string): number {
  return MINOR_DIGITS[currency] ?? 2;
}

/** UTC day of an instant, counted from 1970-01-01. */
export function utcDay(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** A published rate: 1 `base` = `rate` `quote`, from UTC day `day` on. */
export interface PublishedRate {
  readonly base: string;
  readonly quote: string;
  readonly day: number;
  /** Decimal text, at most ten digits after the point; undefined withdraws the rate of that day. */
  readonly rate: string | undefined;
}

interface DatedRate {
  readonly day: number;
  readonly scaled: bigint;
}

/** An exact conversion factor between minor units, as a fraction. */
export interface Factor {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Rates of one tenant. The latest on or before a day holds; the inverse pair serves when only that exists (KPI_SPEC 7.5). */
export class RateTable {
  readonly #pairs = new Map<string, Map<number, bigint>>();
  readonly #sorted = new Map<string, readonly DatedRate[]>();

  set(published: PublishedRate): void {
    const pair = `${published.base}/${published.quote}`;
    const byDay = this.#pairs.get(pair) ?? new Map<number, bigint>();
    const scaled = published.rate === undefined ? undefined : parseRate(published.rate);
    if (scaled === undefined) byDay.delete(published.day);
    else byDay.set(published.day, scaled);
    this.#pairs.set(pair, byDay);
    this.#sorted.delete(pair);
  }

  /** Factor from minor units of one currency to those of another on a day; undefined when no rate is known. */
  factor(from: string, to: string, day: number): Factor | undefined {
    if (from === to) return { numerator: 1n, denominator: 1n };
    const toMinor = 10n ** BigInt(minorDigits(to));
    const fromMinor = 10n ** BigInt(minorDigits(from));
    const direct = this.#latest(`${from}/${to}`, day);
    if (direct !== undefined)
      return { numerator: direct * toMinor, denominator: RATE_SCALE * fromMinor };
    const inverse = this.#latest(`${to}/${from}`, day);
    return inverse === undefined
      ? undefined
      : { numerator: RATE_SCALE * toMinor, denominator: inverse * fromMinor };
  }

  #latest(pair: string, day: number): bigint | undefined {
    let sorted = this.#sorted.get(pair);
    if (sorted === undefined) {
      sorted = [...(this.#pairs.get(pair) ?? [])]
        .map(([on, scaled]) => ({ day: on, scaled }))
        .toSorted((a, b) => a.day - b.day);
      this.#sorted.set(pair, sorted);
    }
    return sorted.findLast((rate) => rate.day <= day)?.scaled;
  }
}

/** A decimal text as an integer scaled by 10^10; undefined when it is not a positive rate of at most ten decimals. */
export function parseRate(text: string): bigint | undefined {
  const scaled = parseDecimal(text);
  return scaled === 0n ? undefined : scaled;
}

/** As {@link parseRate}, and 0 too. */
export function parseDecimal(text: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,10}))?$/.exec(text);
  if (match === null) return undefined;
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(RATE_DIGITS, '0')}`);
}

/** `sum` times the factor, rounded half to even to a whole minor unit, once. */
export function convert(sum: bigint, factor: Factor): bigint {
  return divideHalfEven(sum * factor.numerator, factor.denominator);
}

/** To the nearest whole, a half to the even one; `divisor` above 0. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  let whole = magnitude / divisor;
  const twice = (magnitude % divisor) * 2n;
  if (twice > divisor || (twice === divisor && whole % 2n === 1n)) whole += 1n;
  return dividend < 0n ? -whole : whole;
}
