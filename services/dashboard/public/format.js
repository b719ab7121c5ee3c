// @ts-check
/** @import { KpiValue } from './types.d.ts' */

const DAY_MS = 86_400_000;
const MINUS = '\u2212';

/** @type {Readonly<Record<string, string>>} */
const STATUS_WORDS = {
  ok: 'OK',
  no_data: 'No data yet',
  suspect: 'Suspect',
  stale: 'Stale',
  immature: 'Immature',
  low_n: 'Few units',
  approximate: 'Approximate',
};

/** @type {Readonly<Record<string, string>>} */
const UNIT_WORDS = {
  per_100_account_days: 'per 100 account-days',
  days: 'days',
  points: 'points',
  scale_points: 'scale points',
};

/** Words for a status, as people read it. @param {string} status @returns {string} */
export function statusText(status) {
  return STATUS_WORDS[status] ?? status;
}

/** What stands behind the number; nothing for shares, whose unit is in the number. @param {string} unit @returns {string} */
export function unitText(unit) {
  return UNIT_WORDS[unit] ?? '';
}

/** A value with as many digits as it deserves; a dash when there is none. @param {number | null} value @param {string} unit @returns {string} */
export function valueText(value, unit) {
  if (value === null) return '\u2013';
  const scaled = unit === 'ratio' ? value * 100 : value;
  const digits = Math.abs(scaled) < 10 ? 2 : 1;
  const text = number(scaled, digits);
  return unit === 'ratio' ? `${text}\u202F%` : text;
}

/** As {@link valueText}, with a plus for a rise: growth is read as a change. @param {KpiValue} value @returns {string} */
export function headline(value) {
  const text = valueText(value.value, value.unit);
  const isGrowth = value.currency !== null && value.value !== null && value.value > 0;
  return isGrowth ? `+${text}` : text;
}

/** @param {KpiValue} value @returns {string} */
export function intervalText({ ci, unit }) {
  if (ci === null) return '';
  const high = ci.high === null ? 'unknown' : valueText(ci.high, unit);
  return `95\u202F% interval ${valueText(ci.low, unit)} to ${high}`;
}

/** The counts behind a value. @param {KpiValue} value @returns {string} */
export function basisText(value) {
  const { numerator, denominator, n } = value;
  if (numerator === null || denominator === null || n === null) return 'withheld';
  const accounts = `${number(n, 0)} ${n === 1 ? 'account' : 'accounts'}`;
  if (value.currency !== null) {
    return `${money(numerator, value.currency)} on ${money(denominator, value.currency)} \u00B7 ${accounts}`;
  }
  if (value.unit === 'per_100_account_days') {
    return `${number(numerator, 0)} in ${number(denominator / DAY_MS, 1)} account-days \u00B7 ${accounts}`;
  }
  const younger =
    value.immature_n > 0 ? ` \u00B7 ${number(value.immature_n, 0)} too young to count` : '';
  return `${number(numerator, 0)} of ${number(denominator, 0)}${younger}`;
}

/** Difference of two values of one KPI: percentage points for shares. @param {number} now @param {number} before @param {string} unit @returns {string} */
export function changeText(now, before, unit) {
  const change = unit === 'ratio' ? (now - before) * 100 : now - before;
  const text = number(Math.abs(change), 1);
  if (text === number(0, 1)) return 'unchanged';
  return `${change > 0 ? '+' : MINUS}${text}${unit === 'ratio' ? ' points' : ''}`;
}

/** Minor units as money. @param {number} minor @param {string} currency @returns {string} */
export function money(minor, currency) {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits).replace('-', MINUS);
}

/** How long ago, in words. @param {number} ageMs @returns {string} */
export function ageText(ageMs) {
  const seconds = Math.max(0, ageMs) / 1_000;
  if (seconds < 1.5) return 'just now';
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 129_600
    ? `${Math.round(seconds / 3_600)} h ago`
    : `${Math.round(seconds / 86_400)} d ago`;
}

/** An instant in UTC to the second. @param {string} iso @returns {string} */
export function timeText(iso) {
  return iso.slice(0, 19).replace('T', ' ');
}

/** The day of an instant, UTC. @param {string} iso @returns {string} */
export function dayText(iso) {
  const day = new Date(iso);
  return day.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** A duration such as `28d` as people write it. @param {string} window @returns {string} */
export function windowText(window) {
  return window.replace(/(\d+)/, '$1\u202F');
}

/** The name of a dimension in words. @param {string} name @returns {string} */
export function dimensionText(name) {
  return name.replaceAll('_', ' ');
}

/** A value of a dimension in words. @param {string} value @returns {string} */
export function groupText(value) {
  if (value === 'true') return 'yes';
  if (value === 'false') return 'no';
  return value === '(none)' ? 'unknown' : value;
}

/** A number in groups of three. @param {number} value @param {number} digits @returns {string} */
export function number(value, digits) {
  const text = value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return text.replace('-', MINUS);
}
