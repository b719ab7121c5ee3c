import { type Fault } from '@kpi/core';

import { type Fields, invalid, isObject, pointer } from './json.ts';
import { type HashMail, withoutMail } from './mail-hash.ts';

/** Deeper nesting than any source was seen to send. */
const DEPTH_MAX = 8;

export interface ExtraFields {
  /** `attributes` as sent. */
  readonly attributes: Fields;
  /** What of `properties` the type of the event does not have. */
  readonly extras: readonly (readonly [name: string, value: unknown])[];
  readonly hashMail: HashMail;
}

/**
 * The `attributes` of an event: its own, and every property that its type does not have, so that nothing a source says
 * is lost. Scalars become text, lists and objects their JSON; mail addresses are hashed at any depth. What is too long
 * or too many is left to the validator of the envelope; refused here are too deep nesting, and a name that stands in
 * both places with two values.
 */
export function collectAttributes({ attributes, extras, hashMail }: ExtraFields): Fields | Fault {
  const collected = new Map<string, unknown>();
  for (const [name, value] of Object.entries(attributes)) {
    collected.set(name, typeof value === 'string' ? withoutMail(name, value, hashMail) : value);
  }
  for (const [name, value] of extras) {
    const path = pointer('properties', name);
    if (depthOf(value) > DEPTH_MAX) return invalid(path, `is nested deeper than ${DEPTH_MAX}`);
    const text = asText(name, value, hashMail);
    if (collected.has(name) && collected.get(name) !== text) {
      return invalid(path, 'has another value in attributes');
    }
    collected.set(name, text);
  }
  return Object.fromEntries(collected);
}

function asText(name: string, value: unknown, hashMail: HashMail): string {
  if (typeof value === 'string') return withoutMail(name, value, hashMail);
  return JSON.stringify(value, (key, inner: unknown) =>
    typeof inner === 'string' ? withoutMail(key, inner, hashMail) : inner,
  );
}

/** 0 for a scalar. Stops counting beyond the limit, so hostile nesting costs nothing. */
function depthOf(value: unknown, above = 0): number {
  if (above > DEPTH_MAX || typeof value !== 'object' || value === null) return above;
  const inner: readonly unknown[] = isObject(value) ? Object.values(value) : [value].flat();
  return inner.reduce(
    (deepest: number, one) => Math.max(deepest, depthOf(one, above + 1)),
    above + 1,
  );
}
