import { createHash } from 'node:crypto';

import { z } from 'zod';

import { condition, conditionNames, holds, toNumber } from './condition.ts';
import { addDays, formatDate, isDateFormat, parseDate } from './date.ts';
import { type Row, RowProblem, type Scalar } from './row.ts';
import { fill, template, templateNames } from './template.ts';

const scalar = z.union(
  [z.string(), z.number(), z.boolean()],
  'expected a text, a number or true/false',
);

/** `map` replaces the filled text before it is read; `default` stands for what is absent or not in the map. */
const MODIFIERS = { map: z.record(z.string(), scalar).optional(), default: scalar.optional() };

const nonZero = z.number().refine((n) => n !== 0, { message: 'must not be 0' });
const dateFormat = z.string().refine(isDateFormat, {
  message: 'must be iso, epoch_seconds, epoch_ms or a pattern with YYYY, MM and DD',
});

const FORMS = {
  text: z
    .strictObject({ text: template, ...MODIFIERS })
    .transform(({ text, ...rest }) => ({ kind: 'text' as const, template: text, ...rest })),
  number: z
    .strictObject({
      number: template,
      times: z.number().default(1),
      divided_by: nonZero.default(1),
      ...MODIFIERS,
    })
    .transform(({ number, ...rest }) => ({ kind: 'number' as const, template: number, ...rest })),
  minor_units: z
    .strictObject({
      minor_units: template,
      digits: z.int().min(0).max(4).default(2),
      ...MODIFIERS,
    })
    .transform(({ minor_units: minorUnits, ...rest }) => ({
      kind: 'minor_units' as const,
      template: minorUnits,
      ...rest,
    })),
  date: z
    .strictObject({ date: template, format: dateFormat.default('iso'), ...MODIFIERS })
    .transform(({ date, ...rest }) => ({ kind: 'date' as const, template: date, ...rest })),
  days: z
    .strictObject({ days: template, after: template, ...MODIFIERS })
    .transform(({ days, ...rest }) => ({ kind: 'days' as const, template: days, ...rest })),
  hash: z
    .strictObject({ hash: template, ...MODIFIERS })
    .transform(({ hash, ...rest }) => ({ kind: 'hash' as const, template: hash, ...rest })),
  test: z
    .strictObject({ test: condition })
    .transform((form) => ({ kind: 'test' as const, condition: form.test })),
} as const;

type Operator = keyof typeof FORMS;
type Constant = { readonly kind: 'constant'; readonly value: number | boolean };

/** How one field of an event is computed from a row. */
export type Value = Constant | { [Each in Operator]: z.infer<(typeof FORMS)[Each]> }[Operator];

type Converted = Exclude<Value, { readonly kind: 'constant' | 'test' }>;

const OPERATORS = Object.keys(FORMS).filter((name): name is Operator => name in FORMS);

/** Zod schema of a value: a template, a constant, or an object with exactly one operator. */
export const value = z.unknown().transform((given, context): Value => {
  if (typeof given === 'number' || typeof given === 'boolean') {
    return { kind: 'constant', value: given };
  }
  const form = typeof given === 'string' ? { text: given } : given;
  const operators = OPERATORS.filter(
    (name) => typeof form === 'object' && form !== null && Object.hasOwn(form, name),
  );
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    const message = `a value is a template, a constant, or has exactly one of ${OPERATORS.join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const result = FORMS[operator].safeParse(form);
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues) {
    // A plain template has no operator key that a path could name.
    context.addIssue({ code: 'custom', message, path: typeof given === 'string' ? [] : [...path] });
  }
  return z.NEVER;
});

/** Names that the value reads. */
export function valueNames(given: Value): readonly string[] {
  if (given.kind === 'constant') return [];
  if (given.kind === 'test') return conditionNames(given.condition);
  const after = given.kind === 'days' ? templateNames(given.after) : [];
  return [...templateNames(given.template), ...after];
}

/** The value for this row, or undefined when something it needs is absent. Throws a RowProblem when it cannot be read. */
export function evaluate(given: Value, row: Row): Scalar | undefined {
  if (given.kind === 'constant') return given.value;
  if (given.kind === 'test') return holds(given.condition, row);
  const filled = replace(given, fill(given.template, row));
  return filled === undefined ? undefined : convert(given, filled, row);
}

function replace(given: Converted, filled: Scalar | undefined): Scalar | undefined {
  if (filled === undefined || given.map === undefined) return filled ?? given.default;
  const key = String(filled);
  const mapped = Object.hasOwn(given.map, key) ? given.map[key] : given.default;
  if (mapped === undefined) throw new RowProblem(`${JSON.stringify(key)} is not in the map`);
  return mapped;
}

function convert(given: Converted, filled: Scalar, row: Row): Scalar | undefined {
  switch (given.kind) {
    case 'text':
      return filled;
    case 'number':
      return (readNumber(filled) * given.times) / given.divided_by;
    case 'minor_units':
      return toMinorUnits(String(filled), given.digits);
    case 'date':
      return formatDate(parseDate(String(filled), given.format));
    case 'days':
      return afterDays(readNumber(filled), fill(given.after, row));
    case 'hash':
      return createHash('sha256').update(String(filled)).digest('hex').slice(0, HASH_LENGTH);
    default:
      return given satisfies never;
  }
}

function afterDays(days: number, start: Scalar | undefined): string | undefined {
  return start === undefined
    ? undefined
    : formatDate(addDays(parseDate(String(start), 'iso'), days));
}

/** 128 bits: a collision among a billion keys has a chance below 1e-20. */
const HASH_LENGTH = 32;

function readNumber(filled: Scalar): number {
  const number = toNumber(filled);
  if (number === undefined) throw new RowProblem(`${JSON.stringify(filled)} is not a number`);
  return number;
}

/** An amount like `-12.5` in units of 10^-digits, exactly; money never passes through a fraction. */
function toMinorUnits(text: string, digits: number): number {
  const match = /^([+-]?)(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = match?.[3] ?? '';
  const isExact = /^0*$/.test(fraction.slice(digits));
  const amount = Number(`${match?.[2] ?? ''}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  if (match === null || !isExact || !Number.isSafeInteger(amount)) {
    throw new RowProblem(`${JSON.stringify(text)} is not an amount with ${digits} decimals`);
  }
  return match[1] === '-' && amount > 0 ? -amount : amount;
}
