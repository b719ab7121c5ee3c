import { type Field } from './avro.ts';
import { HEADER, camelCase, quote } from './names.ts';
import { type EventSchemas, type Vocabulary } from './vocabulary.ts';
import { sentFields } from './write-validators.ts';

/** Formats of rare events: their fields are left to the validators. */
const SLOW_FORMATS: ReadonlySet<string | undefined> = new Set(['date', 'rate', 'margin']);

/** Straight code for events that are plainly right; it gives what the validators give, or nothing. */
export function writeQuickReaders({ envelope, events }: Vocabulary): string {
  return `${HEADER}
import type { EventProperties, EventType } from '@kpi/core';
import type { z } from 'zod';

import { rules } from './event-rules.ts';
import type { ENVELOPE_VALIDATOR } from './event-validators.gen.ts';
import { type JsonFields, holds, quick } from './quick-formats.ts';

/** The envelope fields that a client sends; undefined leaves the answer to the validator. */
export function readEnvelope(
  sentFields: JsonFields,
): z.output<typeof ENVELOPE_VALIDATOR> | undefined {
${body(sentFields(envelope), undefined, '  ')}}

/** The \`properties\` of each event type; a type without one is left to its validator. */
export const QUICK_READERS: {
  readonly [T in EventType]?: (sentFields: JsonFields) => EventProperties<T> | undefined;
} = {
${events.map(entry).join('')}};
`;
}

function entry({ eventType, latest, properties }: EventSchemas): string {
  if (properties.some(({ format }) => SLOW_FORMATS.has(format))) return '';
  const code = body(properties, latest.rule, '    ');
  const parameter = properties.length === 0 ? '' : 'sentFields';
  return `  ${quote(eventType)}: (${parameter}) => {\n${code}  },\n`;
}

function body(fields: readonly Field[], rule: string | undefined, indent: string): string {
  const reads = fields.map((field) => `${indent}const ${field.name} = ${read(field)};\n`).join('');
  const unsure = fields.map(
    ({ name }) => `${indent}if (${name} === undefined) return undefined;\n`,
  );
  const names = fields.map(({ name }) => name).join(', ');
  if (rule === undefined) return `${reads}${unsure.join('')}${indent}return { ${names} };\n`;
  return (
    `${reads}${unsure.join('')}${indent}const fields = { ${names} };\n` +
    `${indent}return holds(rules.${camelCase(rule)}, fields) ? fields : undefined;\n`
  );
}

function read({ name, type, format, isOptional, byDefault }: Field): string {
  const value = `sentFields[${quote(name)}]`;
  const given =
    format === undefined
      ? type.kind === 'enum'
        ? `quick.oneOf([${type.symbols.map(quote).join(', ')}], ${value})`
        : `quick.flag(${value})`
      : `quick.${format}(${value})`;
  if (isOptional) return `(${value} ?? null) === null ? null : ${given}`;
  return byDefault === undefined ? given : `${value} === undefined ? ${byDefault} : ${given}`;
}
