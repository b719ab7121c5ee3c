import { type EventType, Fault, type KpiEvent } from '@kpi/core';
import avsc, { type Type } from 'avsc';

import { isEventType } from './event-properties.ts';
import { avroTypeOf } from './event-schemas.ts';

/** The fields of an event type and what each is when a schema of long ago did not have it; undefined when it must be there. */
interface Shape {
  readonly type: Type;
  readonly fields: readonly (readonly [name: string, otherwise: unknown])[];
}

const shapes = new Map<EventType, Shape>();

/**
 * The event that a store kept field by field, as decoding its record would give it. `valueOf` answers the value of a field as
 * it is on the wire, null or undefined when there is none. Throws `event_type_unknown`, `event_invalid`.
 */
export function eventOfFields(valueOf: (field: string) => unknown): KpiEvent {
  const eventType = valueOf('event_type');
  if (typeof eventType !== 'string' || !isEventType(eventType))
    throw new Fault('event_type_unknown', `${String(eventType)} is no event type`);
  const { type, fields } = shapeOf(eventType);
  const event: object = Object.fromEntries(
    fields.map(([name, otherwise]) => [name, valueOf(name) ?? otherwise]),
  );
  if (isEvent(event, type)) return event;
  throw new Fault('event_invalid', `what was kept is no ${eventType}`);
}

function shapeOf(eventType: EventType): Shape {
  const known = shapes.get(eventType);
  if (known !== undefined) return known;
  const type = avroTypeOf(eventType);
  if (!(type instanceof avsc.types.RecordType)) throw new TypeError(`${eventType} is not a record`);
  const fields = type.fields.map((field) => [field.name, otherwiseOf(field)] as const);
  const shape: Shape = { type, fields };
  shapes.set(eventType, shape);
  return shape;
}

function otherwiseOf(field: avsc.types.RecordType['fields'][number]): unknown {
  return field.defaultValue();
}

function isEvent(value: object, type: Type): value is KpiEvent {
  return type.isValid(value);
}
