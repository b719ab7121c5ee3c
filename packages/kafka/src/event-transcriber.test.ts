import { EVENT_TYPES, type EventType, Fault } from '@kpi/core';
import avsc, { type Type } from 'avsc';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { createEventDecoder } from './event-decoder.ts';
import { avroTypeOf, parseAvro } from './event-schemas.ts';
import { type FieldTarget, type Transcriber, transcriberOf } from './event-transcriber.ts';
import { EVENT_SCHEMAS } from './schemas.gen.ts';
import { HEADER_BYTES, writeHeader } from './wire-header.ts';

const ARRIVED_MS = 1_700_000_000_000;

const FIELD = z.looseObject({ name: z.string() });
const SCHEMA = z.looseObject({ fields: z.array(FIELD) });

/** Values of an Avro type, the awkward ones among them. */
function valuesOf(type: Type): fc.Arbitrary<unknown> {
  if (type instanceof avsc.types.UnwrappedUnionType) return fc.oneof(...type.types.map(valuesOf));
  if (type instanceof avsc.types.LogicalType) return valuesOf(type.underlyingType);
  if (type instanceof avsc.types.EnumType) return fc.constantFrom(...type.symbols);
  if (type instanceof avsc.types.MapType) return fc.dictionary(TEXT, TEXT, { maxKeys: 3 });
  switch (type.typeName) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'int':
      return fc.integer();
    case 'double':
      return fc.double({ noNaN: true });
    case 'long':
      return fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }));
    default:
      return TEXT;
  }
}

const TEXT = fc.constantFrom(
  '',
  'a',
  'account-1',
  'ü 漢 🙂',
  'x'.repeat(63),
  'y'.repeat(64),
  'z'.repeat(9_000),
);

function encoded(eventType: EventType): fc.Arbitrary<Buffer> {
  const type = avroTypeOf(eventType);
  if (!(type instanceof avsc.types.RecordType)) throw new TypeError('no record');
  const fields = Object.fromEntries(type.fields.map((field) => [field.name, valuesOf(field.type)]));
  return fc.record({ ...fields, event_type: fc.constant(eventType) }).map((event) => {
    const header = Buffer.alloc(HEADER_BYTES);
    writeHeader(header, schemaOf.get(eventType) ?? 0);
    return Buffer.concat([header, type.toBuffer(event)]);
  });
}

const EVENT = fc.oneof(
  ...EVENT_TYPES.map((eventType) => encoded(eventType).map((value) => ({ eventType, value }))),
);

const transcribers = new Map<EventType, Transcriber>();
const schemaOf = new Map(EVENT_TYPES.map((eventType, id) => [eventType, id + 1]));
const decoder = createEventDecoder({
  registry: {
    schema: (id) => {
      const eventType = EVENT_TYPES[id - 1];
      return Promise.resolve(eventType && EVENT_SCHEMAS[eventType].at(-1));
    },
  },
  clock: () => 0,
});

function latest(eventType: EventType): Transcriber {
  const known = transcribers.get(eventType);
  if (known !== undefined) return known;
  const transcriber = transcriberOf(eventType, avroTypeOf(eventType), avroTypeOf(eventType));
  if (transcriber === undefined) throw new Error(`${eventType} cannot be transcribed`);
  transcribers.set(eventType, transcriber);
  return transcriber;
}

async function decoded(value: Buffer): Promise<unknown> {
  const answer = await decoder.decode({ value, timestampMs: ARRIVED_MS });
  return answer instanceof Fault ? answer.code : answer.event;
}

/** What a transcriber wrote, as an event; fields that were passed over are null, maps empty. */
function written(transcriber: Transcriber, value: Buffer): Readonly<Record<string, unknown>> {
  const event: Record<string, unknown> = {};
  const targets = transcriber.fields.map((name): FieldTarget => {
    event[name] = name === 'attributes' || name === 'external_ids' ? {} : null;
    return {
      text: (_row, bytes, from, to) => {
        event[name] = Buffer.from(bytes.subarray(from, to)).toString('utf8');
      },
      number: (_row, number) => {
        event[name] = number;
      },
      texts: (_row, texts) => {
        event[name] = texts;
      },
    };
  });
  transcriber.write(value, 0, targets);
  return event;
}

function numbered(event: unknown): unknown {
  if (typeof event !== 'object' || event === null) return event;
  return Object.fromEntries(
    Object.entries(event).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
}

describe('what is accepted', () => {
  test('is written as decoding would read it', async () => {
    await fc.assert(
      fc.asyncProperty(EVENT, async ({ eventType, value }) => {
        const transcriber = latest(eventType);
        fc.pre(transcriber.accepts(value));
        const event = written(transcriber, value);
        const received = event['received_at'] === 0 ? ARRIVED_MS : event['received_at'];
        expect({ ...event, received_at: received }).toEqual(numbered(await decoded(value)));
      }),
      { numRuns: 60 },
    );
  });

  test('is every event with usual numbers', () => {
    for (const eventType of EVENT_TYPES) {
      const [value] = fc.sample(
        encoded(eventType).filter((bytes) => bytes.length < 300),
        { numRuns: 1, seed: 1 },
      );
      const type = avroTypeOf(eventType);
      const event: unknown =
        value === undefined ? null : type.fromBuffer(value.subarray(HEADER_BYTES));
      const usual = Buffer.concat([
        Buffer.alloc(HEADER_BYTES),
        type.toBuffer({
          ...Object(event),
          ...Object.fromEntries(
            Object.entries(Object(event)).flatMap(([name, field]) =>
              typeof field === 'number' ? [[name, 7]] : [],
            ),
          ),
        }),
      ]);
      expect([eventType, latest(eventType).accepts(usual)]).toEqual([eventType, true]);
    }
  });

  test('is never what decoding refuses, however the bytes are changed', async () => {
    await fc.assert(
      fc.asyncProperty(EVENT, fc.nat(), fc.nat(255), async ({ eventType, value }, at, byte) => {
        const changed = Buffer.from(value);
        changed[HEADER_BYTES + (at % (value.length - HEADER_BYTES))] = byte;
        fc.pre(latest(eventType).accepts(changed));
        expect(await decoded(changed)).not.toBeTypeOf('string');
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is left to decoding', () => {
  const eventType = 'lms.course_completed';
  const [value = Buffer.alloc(0)] = fc.sample(
    encoded(eventType).filter((bytes) => latest(eventType).accepts(bytes)),
    { numRuns: 1, seed: 3 },
  );

  test('is a value that is truncated anywhere, or followed by something', () => {
    const transcriber = latest(eventType);
    for (let size = 0; size < value.length; size += 1)
      expect(transcriber.accepts(value.subarray(0, size))).toBe(false);
    expect(transcriber.accepts(Buffer.concat([value, Buffer.of(0)]))).toBe(false);
  });

  test('is an event of another type than its record', () => {
    const other = Buffer.from(value);
    other.write('lms.course_complexed', other.indexOf(eventType));
    expect(latest(eventType).accepts(other)).toBe(false);
  });

  test('is what a schema wrote that lacks one of our fields or has another type for it', () => {
    const { fields, ...schema } = SCHEMA.parse(JSON.parse(EVENT_SCHEMAS[eventType].at(-1) ?? ''));
    const changed = (change: (field: z.infer<typeof FIELD>) => object[]) =>
      parseAvro(JSON.stringify({ ...schema, fields: fields.flatMap(change) }));
    const without = changed((field) => (field.name === 'success' ? [] : [field]));
    const narrower = changed((field) =>
      field.name === 'source_version' ? [{ ...field, type: 'int' }] : [field],
    );
    const more = changed((field) =>
      field.name === 'success' ? [field, { name: 'new', type: 'string' }] : [field],
    );
    const reader = avroTypeOf(eventType);
    expect(transcriberOf(eventType, without, reader)).toBeUndefined();
    expect(transcriberOf(eventType, narrower, reader)).toBeUndefined();
    expect(transcriberOf(eventType, more, reader)?.fields).toEqual(latest(eventType).fields);
  });
});
