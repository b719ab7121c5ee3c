import { Fault, type EventType, type KpiEvent } from '@kpi/core';

import { avroTypeOf } from './event-schemas.ts';
import { type SchemaIds } from './register-schemas.ts';
import { HEADER_BYTES, writeHeader } from './wire-header.ts';

/** Turns an event into the bytes of a Kafka record: Confluent's header and the Avro datum. */
export interface EventEncoder {
  /** Throws a Fault `event_invalid` when a field is missing or of the wrong type. */
  encode(event: KpiEvent): Buffer;
}

/** Most events fit; a longer one is written again into a buffer of its size. */
const USUAL_BYTES = 1_024;

export function createEventEncoder(ids: SchemaIds): EventEncoder {
  const scratch = Buffer.allocUnsafe(USUAL_BYTES);
  return { encode: (event) => encode(event, schemaId(ids, event.event_type), scratch) };
}

function schemaId(ids: SchemaIds, eventType: EventType): number {
  const id = ids.get(eventType);
  if (id === undefined) throw new Fault('event_type_unknown', `${eventType} is not registered`);
  return id;
}

function encode(event: KpiEvent, id: number, scratch: Buffer): Buffer {
  const type = avroTypeOf(event.event_type);
  try {
    const end = type.encode(event, scratch, HEADER_BYTES);
    const bytes = Buffer.allocUnsafe(end < 0 ? scratch.length - end : end);
    writeHeader(bytes, id);
    if (end < 0) type.encode(event, bytes, HEADER_BYTES);
    else scratch.copy(bytes, HEADER_BYTES, HEADER_BYTES, end);
    return bytes;
  } catch (error) {
    throw new Fault('event_invalid', `does not fit its schema: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
