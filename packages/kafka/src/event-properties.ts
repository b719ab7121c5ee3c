import { EVENT_TYPES, Fault, type EventProperties, type EventType } from '@kpi/core';
import { type z } from 'zod';

import { QUICK_READERS, readEnvelope } from './event-quick-readers.gen.ts';
import { ENVELOPE_VALIDATOR, PROPERTY_VALIDATORS } from './event-validators.gen.ts';
import { isJsonFields } from './quick-formats.ts';

/** Envelope fields that a client sends, as on the wire. */
export type SentEnvelope = z.output<typeof ENVELOPE_VALIDATOR>;

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

export function isEventType(text: string): text is EventType {
  return KNOWN.has(text);
}

/** The envelope of an event in JSON, or a Fault `event_invalid` that names the field and the reason. */
export function parseEnvelope(input: unknown): SentEnvelope | Fault {
  const read = isJsonFields(input) ? readEnvelope(input) : undefined;
  return read ?? checkEnvelope(input);
}

/** The full check, which also knows the reason. */
export function checkEnvelope(input: unknown): SentEnvelope | Fault {
  const result = ENVELOPE_VALIDATOR.safeParse(input);
  return result.success ? result.data : faultOf(result.error, { input, path: '' });
}

/** `properties` of an event in JSON as its typed fields, or a Fault `event_invalid`. Unknown keys are dropped. */
export function parseProperties<T extends EventType>(
  eventType: T,
  input: unknown,
): EventProperties<T> | Fault {
  const read = isJsonFields(input) ? QUICK_READERS[eventType]?.(input) : undefined;
  return read ?? checkProperties(eventType, input);
}

/** The full check, which also knows the reason. */
export function checkProperties<T extends EventType>(
  eventType: T,
  input: unknown,
): EventProperties<T> | Fault {
  const validator: z.ZodType<EventProperties<T>> = PROPERTY_VALIDATORS[eventType];
  const result = validator.safeParse(input);
  return result.success ? result.data : faultOf(result.error, { input, path: '/properties' });
}

/** Names of the typed fields of an event: what else `properties` holds belongs into `attributes`. */
export function propertyNames(eventType: EventType): ReadonlySet<string> {
  return new Set(Object.keys(PROPERTY_VALIDATORS[eventType].shape));
}

/** Every problem in one sentence; the path is that of the first. */
function faultOf(error: z.ZodError, at: { readonly input: unknown; readonly path: string }): Fault {
  const reasons = error.issues.map((issue) => {
    const field = issue.path.join('/');
    const isAbsent = issue.code !== 'custom' && lookUp(at.input, issue.path) === undefined;
    const message = isAbsent ? 'is missing' : issue.message;
    return field === '' ? message : `${field} ${message}`;
  });
  const path = [at.path, ...(error.issues[0]?.path ?? [])].join('/');
  return new Fault('event_invalid', reasons.join('; '), { path });
}

function lookUp(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
