import { type Field } from './avro.ts';
import { HEADER, interfaceName, quote } from './names.ts';
import { type EventSchemas, type Vocabulary } from './vocabulary.ts';

/** The events as TypeScript types: fields as on the wire, absent optional values are null. */
export function writeEvents({ envelope, events }: Vocabulary): string {
  const fields = [...envelope.first, ...envelope.last];
  return `${HEADER}
import type { EventType } from './event-types.gen.ts';

/** Fields that every event has. Times are ms since the epoch, UTC. */
export interface EventEnvelope {
${fields.map((field) => property(field, field.name === 'event_type' ? 'EventType' : typeOf(field))).join('')}}
${events.map(eventInterface).join('')}
/** Any event; \`event_type\` tells them apart. */
export type KpiEvent =
${events.map(({ eventType }) => `  | ${interfaceName(eventType)}`).join('\n')};

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<KpiEvent, { readonly event_type: T }>;

/** The fields of one type that are not the envelope's. */
export type EventProperties<T extends EventType> = Omit<EventOf<T>, keyof EventEnvelope>;
`;
}

function eventInterface({ eventType, latest, properties }: EventSchemas): string {
  return `
/** ${latest.doc} */
export interface ${interfaceName(eventType)} extends EventEnvelope {
  readonly event_type: ${quote(eventType)};
${properties.map((field) => property(field, typeOf(field))).join('')}}
`;
}

function property(field: Field, type: string): string {
  return `  /** ${field.doc} */\n  readonly ${field.name}: ${type};\n`;
}

function typeOf({ type, isOptional }: Field): string {
  const base = {
    boolean: 'boolean',
    string: 'string',
    integer: 'number',
    number: 'number',
    texts: 'Readonly<Record<string, string>>',
    enum: type.kind === 'enum' ? type.symbols.map(quote).join(' | ') : '',
  }[type.kind];
  return isOptional ? `${base} | null` : base;
}
