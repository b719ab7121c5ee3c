import { type EventType, Fault, type KpiEvent } from '@kpi/core';
import { type Clock } from '@kpi/runtime';

import { type EventGlance } from './event-glance.ts';
import { type Transcriber } from './event-transcriber.ts';
import { type SchemaRegistry } from './registry.ts';
import { HEADER_BYTES, readSchemaId } from './wire-header.ts';
import { WriterSchemas, type WriterSchema } from './writer-schemas.ts';

/** An event as it was written, in the shape of our latest schema, and the registry id of the schema it was written with. */
export interface DecodedEvent {
  readonly event: KpiEvent;
  readonly schemaId: number;
}

/** An event of which only the glance was read. */
export interface GlancedEvent {
  readonly glance: EventGlance;
}

/** The event, or the Fault that a dead letter of this record names: bad bytes are data, not an exception. */
export type Decoded = DecodedEvent | Fault;

/** What of a Kafka record tells its event. */
export interface EncodedEvent {
  readonly value: Buffer | null;
  /** When the broker received it, ms: `received_at` of a producer that left it 0. */
  readonly timestampMs: number;
}

/** Which events a reader wants whole. */
export interface WantedEvents {
  readonly isRead: (eventType: EventType) => boolean;
  /** Of all others, whether a glance tells that this one is; none when absent. */
  readonly isGlanceRead?: (glance: EventGlance) => boolean;
}

export interface EventDecoder {
  /**
   * Decode one record. Answers at once, but for the first record of each schema. Throws or rejects only with
   * `registry_unreachable`: pause and try again, the record itself may be good.
   */
  decode(record: EncodedEvent): Decoded | Promise<Decoded>;
  /** How to read a record without decoding it; undefined where only decoding tells what it is. */
  transcriberOf(record: EncodedEvent): Transcriber | undefined;
  /** Decode records in order. */
  decodeAll(records: readonly EncodedEvent[]): Promise<readonly Decoded[]>;
  /**
   * As {@link decode}, but of events that are not wanted and that take nothing back only the glance is read. Such a record is
   * known to be whole and of its type; the values of its other fields are not looked at.
   */
  decodeRead(
    record: EncodedEvent,
    wanted: WantedEvents,
  ): Decoded | GlancedEvent | Promise<Decoded | GlancedEvent>;
}

export interface EventDecoderOptions {
  readonly registry: Pick<SchemaRegistry, 'schema'>;
  readonly clock: Clock;
}

export function createEventDecoder({ registry, clock }: EventDecoderOptions): EventDecoder {
  const schemas = new WriterSchemas(registry, clock);
  const decodeRead: EventDecoder['decodeRead'] = (record, wanted) => {
    const { value } = record;
    const schemaId = value === null ? undefined : readSchemaId(value);
    if (value === null || schemaId === undefined) {
      return new Fault('avro_invalid', 'the value does not start with a schema id');
    }
    const datum = { value, schemaId, timestampMs: record.timestampMs };
    const schema = schemas.known(schemaId);
    if (schema !== undefined) return read(datum, schema, wanted);
    return schemas
      .fetch(schemaId)
      .then((found) => (found instanceof Fault ? found : read(datum, found, wanted)));
  };
  const decode: EventDecoder['decode'] = (record) => {
    const answer = decodeRead(record, EVERY_EVENT);
    return answer instanceof Promise ? answer.then(wholeOf) : wholeOf(answer);
  };
  const transcriberOf: EventDecoder['transcriberOf'] = ({ value }) => {
    const schemaId = value === null ? undefined : readSchemaId(value);
    const known = schemaId === undefined ? undefined : schemas.known(schemaId)?.transcriber;
    return value !== null && known?.accepts(value) === true ? known : undefined;
  };
  return { decode, decodeAll: (records) => decodeAll(records, decode), decodeRead, transcriberOf };
}

const EVERY_EVENT: WantedEvents = { isRead: () => true };

function wholeOf(answer: Decoded | GlancedEvent): Decoded {
  if ('glance' in answer) throw new TypeError('an event that must be read was glanced at');
  return answer;
}

function read(
  datum: Datum,
  schema: WriterSchema,
  { isRead, isGlanceRead }: WantedEvents,
): Decoded | GlancedEvent {
  const { glance, eventType } = schema;
  if (glance === undefined || isRead(eventType)) return decodeDatum(datum, schema);
  const { end, seen } = glance(datum.value, HEADER_BYTES);
  if (seen === undefined || end !== datum.value.length) return decodeDatum(datum, schema);
  return isGlanceRead?.(seen) === true ? decodeDatum(datum, schema) : { glance: seen };
}

async function decodeAll(
  records: readonly EncodedEvent[],
  decode: EventDecoder['decode'],
): Promise<readonly Decoded[]> {
  const decoded: Decoded[] = [];
  for (const record of records) {
    const answer = decode(record);
    decoded.push(answer instanceof Promise ? await answer : answer);
  }
  return decoded;
}

interface Datum {
  readonly value: Buffer;
  readonly schemaId: number;
  readonly timestampMs: number;
}

function decodeDatum({ value, schemaId, timestampMs }: Datum, schema: WriterSchema): Decoded {
  const end = schema.findEnd(value, HEADER_BYTES);
  if (end === Infinity) return new Fault('avro_invalid', 'the value is truncated or malformed');
  if (end < value.length) {
    return new Fault('avro_invalid', `${value.length - end} bytes follow the event`);
  }
  try {
    const event: KpiEvent = schema.reader.decode(value, HEADER_BYTES, schema.resolver).value;
    if (event.event_type !== schema.eventType) {
      return new Fault('avro_invalid', `event_type is not ${schema.eventType}`, {
        path: '/event_type',
      });
    }
    return {
      event: event.received_at === 0 ? { ...event, received_at: timestampMs } : event,
      schemaId,
    };
  } catch (error) {
    return new Fault('avro_invalid', 'the value does not fit its schema', { cause: error });
  }
}
