import type { KpiUnit, KpiValue } from './answers.ts';

const DAY_MS = 86_400_000;
const NARROW_SPACE = '\u202F';

/** The reader's own: numbers and times are written as their browser writes them. */
const LOCALE = undefined;

const UNIT_WORDS: Readonly<Record<KpiUnit, string>> = {
  ratio: '',
  money: '',
  per_100_account_days: 'per 100 account-days',
  days: 'days',
  points: 'points',
  scale_points: 'scale points',
  number: '',
};

/** What stands behind the number; nothing for shares and money, whose unit is in the number. */
export function unitText(unit: KpiUnit): string {
  return UNIT_WORDS[unit];
}

/** A value with as many digits as it deserves; a dash when there is none, never 0. */
export function valueText(value: number | null, unit: KpiUnit): string {
  if (value === null) return '\u2013';
  const scaled = unit === 'ratio' ? value * 100 : value;
  const digits = Math.abs(scaled) < 10 ? 2 : 1;
  return unit === 'ratio' ? percent(value, digits) : number(value, digits);
}

/** As {@link valueText}, with the currency of money and a plus for a rise where the value itself is a change. */
export function headline(value: KpiValue): string {
  const text = valueText(value.value, value.unit);
  if (value.currency === null || value.value === null) return text;
  if (value.unit === 'money') return moneyText(value.value, value.currency);
  return value.value > 0 ? `+${text}` : text;
}

/** `2.4 to 8.3 %`, or nothing where there is no interval. */
export function intervalText({ ci, unit }: Pick<KpiValue, 'ci' | 'unit'>): string {
  if (ci === null) return '';
  const high = ci.high === null ? 'no limit' : valueText(ci.high, unit);
  return `${valueText(ci.low, unit)} to ${high}`;
}

/** The counts behind a value. */
export function basisText(value: KpiValue): string {
  const { numerator, denominator, n } = value;
  if (numerator === null || denominator === null || n === null)
    return 'withheld: too few units to publish';
  const accounts = `${number(n, 0)} ${n === 1 ? 'account' : 'accounts'}`;
  if (value.unit === 'money') return accounts;
  if (value.unit === 'points' || value.unit === 'scale_points')
    return `${number(n, 0)} ${n === 1 ? 'answer' : 'answers'}`;
  if (value.unit === 'number') return `${number(n, 0)} counted`;
  if (value.currency !== null)
    return `${money(numerator, value.currency)} on ${money(denominator, value.currency)}, ${accounts}`;
  if (value.unit === 'per_100_account_days')
    return `${number(numerator, 0)} in ${number(denominator / DAY_MS, 0)} account-days, ${accounts}`;
  return `${number(numerator, 0)} of ${number(denominator, 0)}`;
}

/** Minor units as money, in whole units where cents say nothing. */
export function money(minor: number, currency: string): string {
  const digits =
    new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return moneyText(minor / 10 ** digits, currency);
}

function moneyText(amount: number, currency: string): string {
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    ...(Math.abs(amount) >= 1_000 && { maximumFractionDigits: 0 }),
  }).format(amount);
}

export function number(value: number, digits: number): string {
  return value.toLocaleString(LOCALE, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A number beside an axis, without digits that say nothing. */
export function tickText(tick: number): string {
  return tick.toLocaleString(LOCALE, { maximumFractionDigits: 3 });
}

/** A share; with a sign where it is a change. */
export function percent(
  value: number,
  digits: number,
  signDisplay: 'auto' | 'exceptZero' = 'auto',
): string {
  return value.toLocaleString(LOCALE, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay,
  });
}

/** How long ago, in words. */
export function ageText(ageMs: number): string {
  return ageMs < 1_500 ? 'just now' : `${lengthText(ageMs)} ago`;
}

const LENGTHS = [
  ['d', DAY_MS, 1.5 * DAY_MS],
  ['h', 3_600_000, 5_400_000],
  ['min', 60_000, 90_000],
  ['s', 1_000, 0],
] as const;

/** A length of time in its largest fitting unit. */
export function lengthText(ms: number): string {
  const known = Math.max(0, ms);
  const [unit, unitMs] = LENGTHS.find(([, , fromMs]) => known >= fromMs) ?? LENGTHS[3];
  return `${number(Math.round(known / unitMs), 0)}${NARROW_SPACE}${unit}`;
}

/** Day and minute in the reader's time zone. */
export function dateTimeText(iso: string): string {
  return new Date(iso).toLocaleString(LOCALE, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** Time of day to the second, in the reader's time zone. */
export function timeText(iso: string): string {
  return new Date(iso).toLocaleTimeString(LOCALE, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

/** The day of an instant, in the reader's time zone. */
export function dayText(iso: string): string {
  return new Date(iso).toLocaleDateString(LOCALE, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
}

/** The time zone that times on the page are in: `Europe/Berlin, GMT+1`. */
export function timeZoneText(now: Date): string {
  const { timeZone } = new Intl.DateTimeFormat(LOCALE).resolvedOptions();
  const parts = new Intl.DateTimeFormat(LOCALE, { timeZoneName: 'shortOffset' }).formatToParts(now);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return timeZone === 'UTC' ? 'UTC' : `${timeZone}, ${offset}`;
}

/** A duration such as `28d` as people write it. */
export function windowText(window: string): string {
  return window.replace(/(\d+)/, `$1${NARROW_SPACE}`);
}

/** The name of a dimension in words. */
export function dimensionText(name: string): string {
  return name.replace(/^is_/, '').replaceAll('_', ' ');
}

/** A value of a dimension in words. */
export function groupText(group: string): string {
  if (group === 'true') return 'yes';
  if (group === 'false') return 'no';
  return group === '(none)' ? 'unknown' : group;
}
