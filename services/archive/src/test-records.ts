import { readFileSync, readdirSync } from 'node:fs';

import { type LogBatch } from '@kpi/kafka';
import * as fc from 'fast-check';
import { z } from 'zod';

/** A schema as some producer's registry has it, and records that were written with it. */
export interface DrawnSchema {
  readonly text: string;
  /** Values of records without the header. */
  readonly values: fc.Arbitrary<Buffer>;
}

const ENUM = z.looseObject({ type: z.literal('enum'), symbols: z.array(z.string()) });
const MAP = z.looseObject({ type: z.literal('map'), values: z.literal('string') });
const LOGICAL = z.looseObject({ type: z.literal('long'), logicalType: z.string() });
const TYPE = z.union([z.string(), ENUM, MAP, LOGICAL]);
const FIELD = z.looseObject({
  name: z.string(),
  type: z.union([z.array(TYPE), TYPE]),
  default: z.unknown().optional(),
});
const SCHEMA = z.looseObject({ name: z.string(), namespace: z.string(), fields: z.array(FIELD) });

type AvroType = z.infer<typeof TYPE>;
type Schema = z.infer<typeof SCHEMA>;
type Field = Schema['fields'][number];

const FOLDER = new URL('../../../schemas/', import.meta.url);
const LONG_BYTES = 9_000;
const BRANCH_UNKNOWN = 2;

/**
 * Every schema, and for each an older version (without one of the fields that have a default), a newer one (with a field more)
 * and one of a producer that orders its fields as it likes.
 */
export function drawnSchemas(): readonly DrawnSchema[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.avsc'))
    .toSorted()
    .flatMap((name) => {
      const schema = SCHEMA.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
      return versionsOf(schema).map(drawn);
    });
}

function versionsOf(schema: Schema): readonly Schema[] {
  const { fields } = schema;
  const dropped = fields.findLastIndex(
    (field) => 'default' in field && field.name !== 'attributes',
  );
  const more: Field = { name: 'not_yet_known', type: ['null', 'string'], default: null };
  return [
    schema,
    { ...schema, fields: fields.toSpliced(dropped, 1) },
    { ...schema, fields: fields.toSpliced(dropped, 0, more) },
    { ...schema, fields: fields.toReversed() },
  ];
}

function drawn(schema: Schema): DrawnSchema {
  const eventType = `${schema.namespace.replace('kpi.', '')}.${schema.name}`;
  const parts = schema.fields.map((field) =>
    field.name === 'event_type' ? eventTypes(eventType) : valuesOf(field.type),
  );
  const whole = fc.tuple(...parts).map((bytes) => Buffer.concat(bytes));
  const changed = fc
    .tuple(whole, fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) =>
      Buffer.from(bytes).fill(byte, at % bytes.length, (at % bytes.length) + 1),
    );
  const cut = fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));
  return {
    text: JSON.stringify(schema),
    values: fc.oneof(
      { weight: 20, arbitrary: whole },
      { weight: 2, arbitrary: changed },
      { weight: 1, arbitrary: cut },
    ),
  };
}

/** Nearly always what it must be. */
function eventTypes(eventType: string): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(text(Buffer.from(eventType))) },
    { weight: 1, arbitrary: fc.constant(text(Buffer.from(`${eventType}s`))) },
  );
}

function valuesOf(type: AvroType | readonly AvroType[]): fc.Arbitrary<Buffer> {
  if (typeof type === 'string') return primitivesOf(type);
  if (isUnion(type)) return branchesOf(type);
  switch (type.type) {
    case 'enum':
      return fc.nat(type.symbols.length - 1).map((index) => varint(BigInt(index)));
    case 'map':
      return fc.oneof(
        { weight: 12, arbitrary: fc.array(ENTRY, { maxLength: 3 }).map(oneBlock) },
        { weight: 1, arbitrary: MAP_IN_BLOCKS },
      );
    default:
      return LONG;
  }
}

function isUnion(type: object): type is readonly AvroType[] {
  return Array.isArray(type);
}

function branchesOf(types: readonly AvroType[]): fc.Arbitrary<Buffer> {
  const branches = types.map((type, index) =>
    valuesOf(type).map((value) => Buffer.concat([varint(BigInt(index)), value])),
  );
  const unknown = fc.constant(varint(BigInt(BRANCH_UNKNOWN)));
  return fc.oneof(...branches.map((arbitrary) => ({ weight: 400, arbitrary })), {
    weight: 1,
    arbitrary: unknown,
  });
}

function primitivesOf(name: string): fc.Arbitrary<Buffer> {
  switch (name) {
    case 'null':
      return fc.constant(Buffer.alloc(0));
    case 'boolean':
      return fc.boolean().map((is) => Buffer.of(is ? 1 : 0));
    case 'double':
      return fc.double().map((value) => {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleLE(value);
        return bytes;
      });
    case 'int':
      return fc
        .oneof(
          { weight: 12, arbitrary: fc.integer({ min: -100, max: 100 }) },
          { weight: 1, arbitrary: fc.integer() },
        )
        .map((value) => varint(BigInt(value)));
    case 'long':
      return LONG;
    case 'string':
      return TEXT;
    default:
      throw new TypeError(`${name} is drawn nowhere`);
  }
}

/** Mostly times and counts; some are as large as numbers of JavaScript can be. */
const LONG: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 4, arbitrary: fc.constant(0n) },
    { weight: 8, arbitrary: fc.integer().map(BigInt) },
    { weight: 16, arbitrary: fc.bigInt({ min: -(2n ** 47n), max: 2n ** 47n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }) },
  )
  .map(varint);

/** Texts of any length, well-formed or not. */
const TEXT: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc
      .constantFrom('', 'a', 'account-1', 'tab\there\n', '\0', '\uFEFFmark', 'ü 漢 🙂')
      .map((value) => Buffer.from(value)),
    fc.string({ unit: 'binary', maxLength: 12 }).map((value) => Buffer.from(value)),
    fc
      .constantFrom('ff', 'c328', 'e28241', 'f09f98', '61c3', 'eda080', 'c080ff80')
      .map((hex) => Buffer.from(hex, 'hex')),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(63, 64, 127, 128, LONG_BYTES).map((size) => Buffer.alloc(size, 'x')),
  )
  .map(text);

/** Names that JavaScript objects treat in their own way are among the keys. */
const KEY = fc.oneof(
  fc
    .constantFrom('b', 'a', '10', '9', '__proto__', 'constructor', '')
    .map((key) => text(Buffer.from(key))),
  TEXT,
);
const ENTRY = fc.tuple(KEY, TEXT).map((entry) => Buffer.concat(entry));

function oneBlock(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return Buffer.of(0);
  return Buffer.concat([varint(BigInt(entries.length)), ...entries, Buffer.of(0)]);
}

/** As other writers may do it: one entry a block, its bytes counted. */
const MAP_IN_BLOCKS = fc
  .array(ENTRY, { maxLength: 2 })
  .map((entries) =>
    Buffer.concat([
      ...entries.flatMap((entry) => [varint(-1n), varint(BigInt(entry.length)), entry]),
      Buffer.of(0),
    ]),
  );

function text(bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

/** Avro's zigzag encoding. */
function varint(value: bigint): Buffer {
  let rest = value >= 0n ? 2n * value : -2n * value - 1n;
  const bytes: number[] = [];
  while (rest >= 128n) {
    bytes.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  return Buffer.of(...bytes, Number(rest));
}

const HEADER_BYTES = 5;
const ARRIVED_MS = 1_700_000_000_000;

/** A value as it lies in a record: Confluent's header before it. */
export function framed(schemaId: number, value: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(schemaId, 1);
  return Buffer.concat([header, value]);
}

/** Records of these values, one after another from offset 7 on, that arrived a millisecond apart. */
export function batchOf(values: readonly Buffer[], partition: number): LogBatch {
  const firstOffset = 7;
  const nextOffset = firstOffset + values.length;
  return {
    topic: 'kpi.drawn.v1',
    partition,
    firstOffset,
    nextOffset,
    highWatermark: nextOffset,
    records: values.map((value, index) => ({
      offset: firstOffset + index,
      key: null,
      value,
      timestampMs: ARRIVED_MS + index,
      headers: undefined,
    })),
  };
}
