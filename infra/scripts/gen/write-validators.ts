import { type Field } from './avro.ts';
import { HEADER, camelCase, quote } from './names.ts';
import { type EventSchemas, type Vocabulary } from './vocabulary.ts';

/** Envelope fields that a client does not send: ingest knows them. */
const SET_BY_INGEST = new Set(['tenant_id', 'received_at', 'event_type', 'schema_version']);

/** Envelope fields that a client sends. */
export function sentFields({ first, last }: Vocabulary['envelope']): readonly Field[] {
  return [...first, ...last].filter(({ name }) => !SET_BY_INGEST.has(name));
}

/** What JSON at the edge must look like, as zod schemas that give the fields as on the wire. */
export function writeValidators({ envelope, events }: Vocabulary): string {
  const sent = sentFields(envelope);
  return `${HEADER}
import type { EventProperties, EventType } from '@kpi/core';
import { z } from 'zod';

import { rules } from './event-rules.ts';
import { formats, optional } from './formats.ts';

/** The envelope fields that a client sends; the others are set by ingest. */
export const ENVELOPE_VALIDATOR = z.object({
${sent.map((field) => line(field, '  ')).join('')}});

/** A check of \`properties\` that gives the typed fields of one event type. */
export type PropertyValidator<T extends EventType> = z.ZodType<EventProperties<T>> & {
  readonly shape: { readonly [Name in keyof EventProperties<T>]: z.ZodType };
};

/** \`properties\` of every event type. Keys that a type does not have are dropped. */
export const PROPERTY_VALIDATORS: { readonly [T in EventType]: PropertyValidator<T> } = {
${events.map(entry).join('')}};
`;
}

function entry({ eventType, latest, properties }: EventSchemas): string {
  const rule = latest.rule === undefined ? '' : `.superRefine(rules.${camelCase(latest.rule)})`;
  const fields = properties.map((field) => line(field, '    ')).join('');
  return `  ${quote(eventType)}: z.object({\n${fields}  })${rule},\n`;
}

function line(field: Field, indent: string): string {
  const { type, format, isOptional, byDefault } = field;
  const base =
    format === undefined
      ? type.kind === 'enum'
        ? `z.enum([${type.symbols.map(quote).join(', ')}])`
        : 'z.boolean()'
      : `formats.${format}`;
  if (isOptional) return `${indent}${field.name}: optional(${base}),\n`;
  return `${indent}${field.name}: ${base}${byDefault === undefined ? '' : `.default(${byDefault})`},\n`;
}
