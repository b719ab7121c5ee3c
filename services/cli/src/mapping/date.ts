import { DAY_MS } from '@kpi/core';

import { RowProblem } from './row.ts';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/i;
const TOKEN = /YYYY|MM|DD|HH|mm|ss/g;
/** The range of `Date`; beyond it nothing can be written as a time. */
const TIME_MS_MAX = 8.64e15;

/** How a date is written: `iso` (RFC 3339, or a day alone), `epoch_seconds`, `epoch_ms`, or a pattern like `DD/MM/YYYY HH:mm`. */
export type DateFormat = string;

/** Whether the text is one of the named formats or a pattern with at least year, month and day. */
export function isDateFormat(format: string): boolean {
  if (['iso', 'epoch_seconds', 'epoch_ms'].includes(format)) return true;
  return ['YYYY', 'MM', 'DD'].every((token) => format.includes(token));
}

/** The moment in ms. What states no offset is UTC. Throws a RowProblem when the text is no such date, 30 February included. */
export function parseDate(text: string, format: DateFormat): number {
  const ms =
    readers[format]?.(text) ??
    (readers[format] === undefined ? parsePattern(text, format) : undefined);
  if (ms === undefined || Math.abs(ms) > TIME_MS_MAX) {
    throw new RowProblem(`${JSON.stringify(text)} is not a date (format ${format})`);
  }
  return ms;
}

/** `startMs` plus a number of days of 24 hours, which may be negative or a fraction. */
export function addDays(startMs: number, days: number): number {
  return startMs + Math.round(days * DAY_MS);
}

/** RFC 3339 in UTC with milliseconds. */
export function formatDate(ms: number): string {
  return new Date(ms).toISOString();
}

const readers: Readonly<Record<string, (text: string) => number | undefined>> = {
  iso: parseIso,
  epoch_seconds: (text) => scaled(text, 1_000),
  epoch_ms: (text) => scaled(text, 1),
};

function scaled(text: string, factor: number): number | undefined {
  return /^-?\d{1,16}(\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * factor) : undefined;
}

function parseIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const ms = utc({ year, month, day, hour, minute, second });
  const fractionMs = Number(fraction.padEnd(3, '0').slice(0, 3));
  return ms === undefined ? undefined : ms + fractionMs - offsetMs(zone);
}

function offsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function parsePattern(text: string, format: string): number | undefined {
  const names: string[] = [];
  const escaped = format.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pattern = escaped.replaceAll(TOKEN, (token) => {
    names.push(token);
    return String.raw`(\d{${token.length}})`;
  });
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) return undefined;
  const fields = new Map(names.map((name, index) => [name, match[index + 1]]));
  return utc({
    year: fields.get('YYYY'),
    month: fields.get('MM'),
    day: fields.get('DD'),
    hour: fields.get('HH'),
    minute: fields.get('mm'),
    second: fields.get('ss'),
  });
}

type CivilField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/** Ms of a civil time in UTC; undefined when a field is out of its range. */
function utc(civil: Readonly<Record<CivilField, string | undefined>>): number | undefined {
  const [year, month, day] = [Number(civil.year), Number(civil.month), Number(civil.day)];
  const [hour, minute, second] = [civil.hour, civil.minute, civil.second].map((t) =>
    Number(t ?? 0),
  );
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms);
  const isSame =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute &&
    back.getUTCSeconds() === second;
  return isSame ? ms : undefined;
}
