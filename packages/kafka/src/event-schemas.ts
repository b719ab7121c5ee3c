import { EVENT_TYPES, Fault, type EventType } from '@kpi/core';
import avsc, { type Type } from 'avsc';

import { EVENT_SCHEMAS } from './schemas.gen.ts';

/**
 * The Avro type of a schema text; throws when the text is no schema. Longs become numbers, unions their bare value: events
 * look as in the generated types. (avsc keeps the names it has seen in the options, so each parse has its own.)
 */
export function parseAvro(schema: string): Type {
  return avsc.Type.forSchema(JSON.parse(schema), { wrapUnions: false });
}

const readers = new Map<EventType, Type>();

/** Our latest type of an event: what is written, and what every older or newer schema is read as. */
export function avroTypeOf(eventType: EventType): Type {
  const cached = readers.get(eventType);
  if (cached !== undefined) return cached;
  const schema = EVENT_SCHEMAS[eventType].at(-1);
  if (schema === undefined) throw new Fault('schema_unknown', `${eventType} has no schema`);
  const type = parseAvro(schema);
  readers.set(eventType, type);
  return type;
}

const EVENT_TYPE_OF_RECORD = new Map<string | undefined, EventType>(
  EVENT_TYPES.map((eventType) => [`kpi.${eventType}`, eventType]),
);

/** Event type that an Avro record stands for; undefined when it is none of ours. */
export function eventTypeOf(type: Type): EventType | undefined {
  return type instanceof avsc.types.RecordType ? EVENT_TYPE_OF_RECORD.get(type.name) : undefined;
}

/** Why `reader` cannot read what `writer` wrote; undefined when it can. */
export function incompatibility(reader: Type, writer: Type): string | undefined {
  try {
    reader.createResolver(writer);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
