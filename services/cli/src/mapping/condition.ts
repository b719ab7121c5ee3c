import { z } from 'zod';

import { type Row, RowProblem, type Scalar } from './row.ts';

const scalar = z.union(
  [z.string(), z.number(), z.boolean()],
  'expected a text, a number or true/false',
);
const oneOrMany = z.union([scalar, z.array(scalar).min(1)], 'expected a value or a list of values');

const comparison = z
  .strictObject({
    present: z.boolean().optional(),
    not: oneOrMany.optional(),
    at_least: z.number().optional(),
    above: z.number().optional(),
    at_most: z.number().optional(),
    below: z.number().optional(),
  })
  .refine((test) => Object.keys(test).length > 0, {
    message: 'a test needs one of present, not, at_least, above, at_most, below',
  });

type Comparison = z.infer<typeof comparison>;
type Test = { readonly any: readonly Scalar[] } | Comparison;

const test = z.unknown().transform((given, context): Test => {
  const isComparison = typeof given === 'object' && given !== null && !Array.isArray(given);
  const result = (isComparison ? comparison : oneOrMany).safeParse(given);
  if (!result.success) {
    for (const { message, path } of result.error.issues) {
      context.addIssue({ code: 'custom', message, path: [...path] });
    }
    return z.NEVER;
  }
  const parsed = result.data;
  if (Array.isArray(parsed)) return { any: parsed };
  return typeof parsed === 'object' ? parsed : { any: [parsed] };
});

/** Zod schema of a condition: tests by name, all of which must hold. */
export const condition = z
  .record(z.string(), test)
  .refine((tests) => Object.keys(tests).length > 0, { message: 'a condition needs a test' });

export type Condition = z.infer<typeof condition>;

/** Names that the condition reads. */
export function conditionNames(given: Condition): readonly string[] {
  return Object.keys(given);
}

/**
 * Whether the row passes every test. Values are compared as text. An absent value is equal to nothing and passes no
 * number test. Throws a RowProblem when a number is asked of what is none.
 */
export function holds(given: Condition, row: Row): boolean {
  return Object.entries(given).every(([name, tested]) => passes(tested, name, row.get(name)));
}

function passes(tested: Test, name: string, value: Scalar | undefined): boolean {
  if ('any' in tested) return isOneOf(tested.any, value);
  if (tested.present !== undefined && tested.present !== (value !== undefined)) return false;
  if (tested.not !== undefined && isOneOf([tested.not].flat(), value)) return false;
  return passesBounds(tested, name, value);
}

function passesBounds(tested: Comparison, name: string, value: Scalar | undefined): boolean {
  const { at_least: atLeast, above, at_most: atMost, below } = tested;
  if ([atLeast, above, atMost, below].every((bound) => bound === undefined)) return true;
  if (value === undefined) return false;
  const number = toNumber(value);
  if (number === undefined) {
    throw new RowProblem(`${name} is ${JSON.stringify(value)}, not a number`);
  }
  if (atLeast !== undefined && number < atLeast) return false;
  if (above !== undefined && number <= above) return false;
  if (atMost !== undefined && number > atMost) return false;
  return below === undefined || number < below;
}

function isOneOf(wanted: readonly Scalar[], value: Scalar | undefined): boolean {
  return value !== undefined && wanted.some((each) => String(each) === String(value));
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;

/** The number that the value is, or that its text writes with a decimal point; undefined when it is none. */
export function toNumber(value: Scalar): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' || !NUMBER.test(value.trim())) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
