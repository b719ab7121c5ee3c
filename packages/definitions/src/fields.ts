import { days, formatDuration, parseDuration } from '@kpi/core';
import { z } from 'zod';

/** Twenty years: what a question may span at most. */
const DURATION_MS_MAX = days(7_320);
const NAME_CHARS_MAX = 200;
const NAMES_MAX = 100;

const DURATION_FORM = 'a duration such as 28d, 24h or 90m';

/** A text such as `28d`, in ms. */
export const duration = z.string(`expected ${DURATION_FORM}`).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= DURATION_MS_MAX) return ms;
  const message =
    ms === undefined
      ? `${JSON.stringify(text)} is not ${DURATION_FORM}`
      : `is at most ${formatDuration(DURATION_MS_MAX)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** A duration that may be `0d`: none. */
export const durationOrNone = z.union([z.literal('0d').transform(() => 0), duration], {
  error: `expected ${DURATION_FORM}, or 0d`,
});

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** A text that is not empty. */
export const text = z
  .string({
    error: ({ input }) =>
      typeof input === 'number' || typeof input === 'boolean'
        ? `${JSON.stringify(input)} is not a text: put it in quotes`
        : 'expected a text',
  })
  .min(1, 'expected a text')
  .max(NAME_CHARS_MAX, `has more than ${NAME_CHARS_MAX} characters`);

/** A list of different names. */
export const names = z
  .array(text, 'expected a list of names')
  .max(NAMES_MAX, `has more than ${NAMES_MAX} names`)
  .superRefine((list, context) => {
    for (const [index, one] of list.entries())
      if (list.indexOf(one) < index)
        context.addIssue({ code: 'custom', message: 'is in the list already', path: [index] });
  });

/** What is counted in one way only: the key may say so, and nothing else. */
export function fixed<Value extends string>(value: Value, reason: string) {
  return z.literal(value, `only ${value} is counted: ${reason}`).optional();
}

/** A name of the specification that nothing is counted by so far. */
export function notYet(reason: string) {
  return z.never(`cannot be chosen yet: ${reason}`).optional();
}

/** A group of keys; without any of them, also with nothing behind its colon, all have their defaults. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const chosen = Object.keys(shape).filter((key) => !(shape[key] instanceof z.ZodOptional));
  const keys = chosen.join(', ');
  const error = ({ code }: { readonly code: string }): string =>
    code === 'unrecognized_keys'
      ? `there is no such key here; there are ${keys}`
      : `expected the keys ${keys}`;
  return z.preprocess((given) => given ?? {}, z.strictObject(shape, { error }));
}
