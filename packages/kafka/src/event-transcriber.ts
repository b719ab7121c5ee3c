import { type EventType } from '@kpi/core';
import avsc, { type Type } from 'avsc';

import { type FindEnd, findEndOf } from './avro-end.ts';
import { afterVarint, endOfVarint, readVarint } from './varint.ts';
import { HEADER_BYTES } from './wire-header.ts';

/** Where the value of a field goes. A field that is null is passed over. */
export interface FieldTarget {
  /** A text as the bytes that stand for it, which need not be well-formed UTF-8. */
  text(row: number, bytes: Uint8Array, from: number, to: number): void;
  /** Integers, floats and booleans (0 or 1). */
  number(row: number, value: number): void;
  texts(row: number, value: Readonly<Record<string, string>>): void;
}

/**
 * Reads the events of one schema without making objects of them, for who wants to write their fields elsewhere. It only knows
 * ordinary events: what it does not accept may still be an event, which the decoder tells.
 */
export interface Transcriber {
  readonly eventType: EventType;
  /** Fields of our latest schema; targets are in this order. */
  readonly fields: readonly string[];
  /** Whether a record's value, header included, is an ordinary event of this type. */
  accepts(value: Uint8Array): boolean;
  /** Write the fields of a value that was accepted. */
  write(value: Uint8Array, row: number, targets: readonly FieldTarget[]): void;
}

/** Writes the value at `at` into the target and answers where it ends. Only for values that were accepted. */
type Step = (bytes: Uint8Array, at: number, row: number, target: FieldTarget) => number;

interface FieldReader {
  readonly findEnd: FindEnd;
  readonly step: Step;
}

/**
 * How to transcribe what `writer` wrote as events of `reader`; undefined when the two differ in more than fields that `reader`
 * does not have: then events are decoded.
 */
export function transcriberOf(
  eventType: EventType,
  writer: Type,
  reader: Type,
): Transcriber | undefined {
  if (!isRecord(writer) || !isRecord(reader)) return undefined;
  const fields = reader.fields.map(({ name }) => name);
  const ends: FindEnd[] = [];
  const steps: Step[] = [];
  const targetOf: number[] = [];
  for (const { name, type } of writer.fields) {
    const index = fields.indexOf(name);
    const known = reader.fields[index];
    if (known !== undefined && !known.type.equals(type)) return undefined;
    const field = known === undefined ? skipped(type) : fieldReaderOf(type);
    if (field === undefined) return undefined;
    ends.push(name === 'event_type' ? endOfConstant(eventType) : field.findEnd);
    steps.push(field.step);
    targetOf.push(Math.max(index, 0));
  }
  if (fields.some((name) => writer.fields.every((field) => field.name !== name))) return undefined;
  return {
    eventType,
    fields,
    accepts(value) {
      let end = HEADER_BYTES;
      for (const find of ends) {
        end = find(value, end);
        if (end === Infinity) return false;
      }
      return end === value.length;
    },
    write(value, row, targets) {
      let at = HEADER_BYTES;
      for (let index = 0; index < steps.length; index += 1) {
        const step = steps[index];
        const target = targets[targetOf[index] ?? 0];
        if (step === undefined || target === undefined)
          throw new RangeError('a field has no target');
        at = step(value, at, row, target);
      }
    },
  };
}

function isRecord(type: Type): type is avsc.types.RecordType {
  return type instanceof avsc.types.RecordType;
}

function skipped(type: Type): FieldReader {
  const findEnd = findEndOf(type);
  return { findEnd, step: findEnd };
}

function fieldReaderOf(type: Type): FieldReader | undefined {
  if (type instanceof avsc.types.UnwrappedUnionType) return optionalOf(type.types);
  if (type instanceof avsc.types.LogicalType) return fieldReaderOf(type.underlyingType);
  if (type instanceof avsc.types.EnumType) return enumOf(type.symbols);
  if (type instanceof avsc.types.MapType) {
    return type.valuesType.typeName === 'string' ? { findEnd: endOfTexts, step: texts } : undefined;
  }
  return PRIMITIVES.get(type.typeName);
}

/** Seven bytes hold 49 bits: such integers are exact, and most longer ones are no times and no amounts. */
const EXACT_BYTES_MAX = 7;
/** Four bytes hold 28 bits, which is within 32. */
const INT_BYTES_MAX = 4;

function endOfText(bytes: Uint8Array, at: number): number {
  const start = endOfVarint(bytes, at, INT_BYTES_MAX);
  if (start === Infinity) return Infinity;
  const size = readVarint(bytes, at);
  return size < 0 || start + size > bytes.length ? Infinity : start + size;
}

const text: Step = (bytes, at, row, target) => {
  const start = afterVarint(bytes, at);
  const end = start + readVarint(bytes, at);
  target.text(row, bytes, start, end);
  return end;
};

const long: Step = (bytes, at, row, target) => {
  target.number(row, readVarint(bytes, at));
  return afterVarint(bytes, at);
};

const truth: Step = (bytes, at, row, target) => {
  target.number(row, bytes[at] ?? 0);
  return at + 1;
};

const double: Step = (bytes, at, row, target) => {
  target.number(row, new DataView(bytes.buffer, bytes.byteOffset + at).getFloat64(0, true));
  return at + 8;
};

const PRIMITIVES: ReadonlyMap<string, FieldReader> = new Map([
  ['string', { findEnd: endOfText, step: text }],
  [
    'long',
    {
      findEnd: (bytes: Uint8Array, at: number) => endOfVarint(bytes, at, EXACT_BYTES_MAX),
      step: long,
    },
  ],
  [
    'int',
    {
      findEnd: (bytes: Uint8Array, at: number) => endOfVarint(bytes, at, INT_BYTES_MAX),
      step: long,
    },
  ],
  [
    'boolean',
    {
      findEnd: (bytes: Uint8Array, at: number) => ((bytes[at] ?? 2) > 1 ? Infinity : at + 1),
      step: truth,
    },
  ],
  [
    'double',
    {
      findEnd: (bytes: Uint8Array, at: number) => (at + 8 > bytes.length ? Infinity : at + 8),
      step: double,
    },
  ],
]);

/** A union of null and something, in either order. */
function optionalOf(branches: readonly Type[]): FieldReader | undefined {
  const [something, other] = branches.filter(({ typeName }) => typeName !== 'null');
  const field = something === undefined ? undefined : fieldReaderOf(something);
  if (field === undefined || other !== undefined || branches.length !== 2) return undefined;
  const ofNull = branches.findIndex(({ typeName }) => typeName === 'null') === 0 ? 0 : 2;
  const ofSomething = 2 - ofNull;
  const { findEnd, step } = field;
  return {
    findEnd(bytes, at) {
      const branch = bytes[at];
      if (branch === ofNull) return at + 1;
      return branch === ofSomething ? findEnd(bytes, at + 1) : Infinity;
    },
    step: (bytes, at, row, target) =>
      bytes[at] === ofNull ? at + 1 : step(bytes, at + 1, row, target),
  };
}

function enumOf(symbols: readonly string[]): FieldReader {
  const names = symbols.map((symbol) => Buffer.from(symbol));
  return {
    findEnd(bytes, at) {
      const index = bytes[at];
      return index !== undefined && index % 2 === 0 && index / 2 < names.length ? at + 1 : Infinity;
    },
    step(bytes, at, row, target) {
      const name = names[(bytes[at] ?? 0) / 2] ?? EMPTY;
      target.text(row, name, 0, name.length);
      return at + 1;
    },
  };
}

const EMPTY = new Uint8Array(0);

/** Only the one encoding of a map that writers use: one block, its count in front, or none. */
function endOfTexts(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0) return at + 1;
  let end = endOfVarint(bytes, at, INT_BYTES_MAX);
  if (end === Infinity) return Infinity;
  const count = readVarint(bytes, at);
  if (count < 0 || count > bytes.length - end) return Infinity;
  for (let n = 0; n < 2 * count; n += 1) {
    end = endOfText(bytes, end);
    if (end === Infinity) return Infinity;
  }
  return bytes[end] === 0 ? end + 1 : Infinity;
}

const texts: Step = (bytes, at, row, target) => {
  const count = readVarint(bytes, at);
  if (count === 0) return at + 1;
  let end = afterVarint(bytes, at);
  const value: Record<string, string> = {};
  const next = (): string => {
    const start = afterVarint(bytes, end);
    const from = start;
    end = start + readVarint(bytes, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('utf8');
  };
  for (let n = 0; n < count; n += 1) {
    const key = next();
    value[key] = next();
  }
  target.texts(row, value);
  return end + 1;
};

/** A text that can only be this one. */
function endOfConstant(constant: string): FindEnd {
  const expected = Buffer.from(constant);
  return (bytes, at) => {
    const end = endOfText(bytes, at);
    if (end - expected.length !== afterVarint(bytes, at)) return Infinity;
    for (let n = 0; n < expected.length; n += 1) {
      if (bytes[end - expected.length + n] !== expected[n]) return Infinity;
    }
    return end;
  };
}
