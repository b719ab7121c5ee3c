import { z } from 'zod';

/** Ids and names are keys of stores and parts of record keys: short, and without control characters such as the key's separator. */
export const ID_CHARACTERS_MAX = 256;
export const TEXT_CHARACTERS_MAX = 1_024;
/** More than any source was seen to send; each entry costs a map entry in every store. */
export const TEXTS_MAX = 64;
/** 2300-01-01, the end of what ClickHouse's DateTime64 can hold. */
export const TIME_MS_END = 10_413_792_000_000;
const DECIMAL = /^-?\d{1,18}(?:\.\d{1,10})?$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it finds
const CONTROL = /[\u0000-\u001f\u007f]/;

const id = z
  .string()
  .min(1, 'must not be empty')
  .max(ID_CHARACTERS_MAX, `must have at most ${ID_CHARACTERS_MAX} characters`)
  .refine((text) => !CONTROL.test(text), 'must not contain control characters');

const text = z
  .string()
  .max(TEXT_CHARACTERS_MAX, `must have at most ${TEXT_CHARACTERS_MAX} characters`);

const texts = z
  .record(id, text)
  .refine((map) => Object.keys(map).length <= TEXTS_MAX, `must have at most ${TEXTS_MAX} entries`);

const time = z.iso
  .datetime({
    offset: true,
    error: 'must be an RFC 3339 time with an offset, such as 2026-03-01T09:30:00.000Z',
  })
  .transform((moment) => Date.parse(moment))
  .refine((ms) => ms >= 0 && ms < TIME_MS_END, 'must lie between 1970 and 2300');

const safeInteger = z.int({ error: 'must be an integer that JavaScript can hold exactly' });
const count = safeInteger.min(0, 'must not be negative');
export const INT_MAX = 2_147_483_647;
const score = safeInteger.min(-INT_MAX, 'is too small').max(INT_MAX, 'is too large');

/** Decimal text from text or a JSON number; a number is taken as it prints. */
const decimal = z
  .union([z.string(), z.number().transform((value) => String(value))], {
    error: 'must be a number or decimal text',
  })
  .refine((value) => DECIMAL.test(value), 'must be decimal text with at most 10 fraction digits');

/** What the word after `format` in a schema asks of JSON at the edge, and the value on the wire that it becomes. */
export const formats = {
  id,
  text,
  texts,
  time,
  count,
  score,
  money: count,
  balance: safeInteger,
  share: z.number().min(0, 'must be at least 0').max(1, 'must be at most 1'),
  scaled: z.number().min(-1, 'must be at least -1').max(1, 'must be at most 1'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters (ISO 4217)'),
  date: z.iso.date({ error: 'must be a date such as 2026-03-01' }),
  rate: decimal.refine((value) => Number(value) > 0, 'must be above 0'),
  margin: decimal.refine((value) => Math.abs(Number(value)) <= 1, 'must lie between -1 and 1'),
} as const;

/** A field that may be absent or null; either way it is null on the wire. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullable().default(null);
}
