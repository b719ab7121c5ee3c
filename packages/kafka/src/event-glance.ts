import { type EventType } from '@kpi/core';
import avsc, { type Type } from 'avsc';

import { type FindEnd, findEndOf } from './avro-end.ts';
import { readVarint } from './varint.ts';

/** Who sent an event, of what type, and when it happened: all that is needed of events that nobody counts. */
export interface EventGlance {
  readonly tenant_id: string;
  readonly event_type: EventType;
  readonly source: string;
  /** ms. */
  readonly occurred_at: number;
  /** Of an action in the product: what was done, and whether it is of value. */
  readonly activity?: { readonly action: string; readonly isValueEvent: boolean };
}

/** What a glance at the bytes of a datum tells. */
export interface Glance {
  /** Offset after the datum, as {@link FindEnd} says. */
  readonly end: number;
  /**
   * Undefined when the datum must be read whole: it takes another event back, replaces another action in the product, or is not of
   * the type of its schema.
   */
  readonly seen: EventGlance | undefined;
}

/** Looks at the bytes of a datum without making an object of it. */
export type GlanceAt = (bytes: Buffer, at: number) => Glance;

const READ = [
  'tenant_id',
  'source',
  'occurred_at',
  'event_type',
  'retracts',
  'source_version',
] as const;

/** A glance for one writer's schema; undefined when its envelope is written in another way than ours. */
export function glanceOf(writer: Type, eventType: EventType): GlanceAt | undefined {
  if (!(writer instanceof avsc.types.RecordType)) return undefined;
  const { fields } = writer;
  const places = READ.map((name) => fields.findIndex((field) => field.name === name));
  const [tenant = -1, source = -1, occurredAt = -1, type = -1, retracts = -1, version = -1] =
    places;
  const isOurs =
    isText(fields[tenant]?.type) &&
    isText(fields[source]?.type) &&
    isText(fields[type]?.type) &&
    isTime(fields[occurredAt]?.type) &&
    fields[version]?.type.typeName === 'long';
  const nullBranch = branchOfNull(fields[retracts]?.type);
  if (!isOurs || nullBranch === undefined) return undefined;
  const ends = fields.map((field) => findEndOf(field.type));
  const starts = new Int32Array(fields.length);
  const activityOf = activityReader(fields, eventType);
  const tenantText = new RecentText();
  const sourceText = new RecentText();
  const typeText = Buffer.from(eventType);
  return (bytes, at) => {
    const end = walk(ends, starts, { bytes, at });
    if (end === Infinity) return { end, seen: undefined };
    const isPlain =
      readVarint(bytes, starts[retracts] ?? 0) === nullBranch &&
      isSameText(bytes, starts[type] ?? 0, typeText) &&
      (activityOf === undefined || readVarint(bytes, starts[version] ?? 0) === 0);
    if (!isPlain) return { end, seen: undefined };
    return {
      end,
      seen: {
        tenant_id: tenantText.read(bytes, starts[tenant] ?? 0),
        event_type: eventType,
        source: sourceText.read(bytes, starts[source] ?? 0),
        occurred_at: readVarint(bytes, starts[occurredAt] ?? 0),
        ...(activityOf !== undefined && { activity: activityOf(bytes, starts) }),
      },
    };
  };
}

type ActivityOf = (bytes: Buffer, starts: Int32Array) => NonNullable<EventGlance['activity']>;

/** Undefined for all events but actions in the product, and where those are written in another way than ours. */
function activityReader(
  fields: readonly avsc.types.Field[],
  eventType: EventType,
): ActivityOf | undefined {
  if (eventType !== 'product.action_performed') return undefined;
  const action = fields.findIndex(({ name, type }) => name === 'action' && isText(type));
  const isValue = fields.findIndex(
    ({ name, type }) => name === 'is_value_event' && type.typeName === 'boolean',
  );
  if (action === -1 || isValue === -1) return undefined;
  const text = new RecentText();
  return (bytes, starts) => ({
    action: text.read(bytes, starts[action] ?? 0),
    isValueEvent: bytes[starts[isValue] ?? 0] !== 0,
  });
}

/** Notes where each field starts. */
function walk(
  ends: readonly FindEnd[],
  starts: Int32Array,
  { bytes, at }: { readonly bytes: Buffer; readonly at: number },
): number {
  let end = at;
  for (let index = 0; index < ends.length; index += 1) {
    starts[index] = end;
    end = ends[index]?.(bytes, end) ?? Infinity;
    if (end === Infinity) return end;
  }
  return end;
}

/** Nearly all events of a schema have the same tenant and source: the text is made again only when the bytes differ. */
class RecentText {
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';

  read(bytes: Buffer, at: number): string {
    if (isSameText(bytes, at, this.#bytes)) return this.#text;
    const start = startOfText(bytes, at);
    this.#bytes = Buffer.from(bytes.subarray(start, start + readVarint(bytes, at)));
    this.#text = this.#bytes.toString();
    return this.#text;
  }
}

function isSameText(bytes: Buffer, at: number, text: Buffer): boolean {
  if (readVarint(bytes, at) !== text.length) return false;
  const start = startOfText(bytes, at);
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text[index]) return false;
  }
  return true;
}

const CONTINUES = 0x80;

/** After the length; the datum was walked, so it ends. */
function startOfText(bytes: Buffer, at: number): number {
  let start = at;
  while ((bytes[start] ?? 0) >= CONTINUES) start += 1;
  return start + 1;
}

function isText(type: Type | undefined): boolean {
  return type?.typeName === 'string';
}

function isTime(type: Type | undefined): boolean {
  return (
    type?.typeName === 'long' ||
    (type instanceof avsc.types.LogicalType && type.underlyingType.typeName === 'long')
  );
}

function branchOfNull(type: Type | undefined): number | undefined {
  const isUnion =
    type instanceof avsc.types.UnwrappedUnionType || type instanceof avsc.types.WrappedUnionType;
  if (!isUnion) return undefined;
  const branch = type.types.findIndex((one) => one.typeName === 'null');
  return branch === -1 ? undefined : branch;
}
