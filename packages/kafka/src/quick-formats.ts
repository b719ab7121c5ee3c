import {
  ID_CHARACTERS_MAX,
  INT_MAX,
  TEXTS_MAX,
  TEXT_CHARACTERS_MAX,
  TIME_MS_END,
} from './formats.ts';
import { type RuleContext } from './event-rules.ts';

/** A JSON object as it was parsed. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** True for data with fields: neither null nor a list. */
export function isJsonFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a rule has nothing to say against the fields. */
export function holds<Fields>(
  rule: (fields: Fields, context: RuleContext) => void,
  fields: Fields,
): boolean {
  let isGood = true;
  rule(fields, { addIssue: () => void (isGood = false) });
  return isGood;
}

const FIRST_PRINTABLE = 0x20;
const DELETE = 0x7f;
/** `2026-03-01T09:30:00Z`, with or without milliseconds. */
const TIME_CHARACTERS = 20;
const TIME_CHARACTERS_WITH_MS = 24;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

function id(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length === 0 || value.length > ID_CHARACTERS_MAX)
    return undefined;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < FIRST_PRINTABLE || code === DELETE) return undefined;
  }
  return value;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX ? value : undefined;
}

function texts(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonFields(value)) return undefined;
  const map: Record<string, string> = {};
  let entries = 0;
  for (const name in value) {
    const given = text(value[name]);
    entries += 1;
    if (
      given === undefined ||
      entries > TEXTS_MAX ||
      name === '__proto__' ||
      id(name) === undefined
    )
      return undefined;
    map[name] = given;
  }
  return map;
}

/** Times in UTC as `toISOString` writes them; other forms of RFC 3339 are read elsewhere. */
function time(value: unknown): number | undefined {
  if (typeof value !== 'string' || !value.endsWith('Z')) return undefined;
  const isWhole = value.length === TIME_CHARACTERS;
  if (!isWhole && value.length !== TIME_CHARACTERS_WITH_MS) return undefined;
  const year = digits(value, 0, 4);
  const month = digits(value, 5, 7);
  const day = digits(value, 8, 10);
  const hour = digits(value, 11, 13);
  const minute = digits(value, 14, 16);
  const second = digits(value, 17, 19);
  const millisecond = isWhole ? 0 : digits(value, 20, 23);
  const isShaped =
    value[4] === '-' &&
    value[7] === '-' &&
    value[10] === 'T' &&
    value[13] === ':' &&
    value[16] === ':' &&
    (isWhole || value[19] === '.');
  // Not a number fails every comparison; 29 February is left to the validator.
  const isReal =
    year >= 1970 &&
    day >= 1 &&
    day <= (DAYS_OF_MONTH[month - 1] ?? 0) &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    millisecond < 1_000;
  if (!isShaped || !isReal) return undefined;
  const ms =
    Date.UTC(year, month - 1, day) +
    hour * HOUR_MS +
    minute * MINUTE_MS +
    second * SECOND_MS +
    millisecond;
  return ms < TIME_MS_END ? ms : undefined;
}

/** The number that the characters from `from` to before `to` write; NaN when one is no digit. */
function digits(value: string, from: number, to: number): number {
  let number = 0;
  for (let index = from; index < to; index += 1) {
    const digit = value.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? between(value, 0, Infinity) : undefined;
}

function score(value: unknown): number | undefined {
  return Number.isInteger(value) ? between(value, -INT_MAX, INT_MAX) : undefined;
}

function between(value: unknown, low: number, high: number): number | undefined {
  return typeof value === 'number' && value >= low && value <= high ? value : undefined;
}

function currency(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length !== 3) return undefined;
  for (let index = 0; index < 3; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 65 || code > 90) return undefined;
  }
  return value;
}

/**
 * The formats of `formats.ts` for values that are plainly right, many times faster than the validators. Undefined is no
 * refusal: it leaves the answer, and the reason, to them. A test holds both against each other on drawn values.
 */
export const quick = {
  id,
  text,
  texts,
  time,
  count,
  score,
  money: count,
  balance: (value: unknown): number | undefined =>
    typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined,
  share: (value: unknown): number | undefined => between(value, 0, 1),
  scaled: (value: unknown): number | undefined => between(value, -1, 1),
  currency,
  flag: (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined),
  oneOf: <const Values extends readonly string[]>(
    values: Values,
    value: unknown,
  ): Values[number] | undefined => values.find((one) => one === value),
} as const;
