import avsc, { type Type } from 'avsc';

import { endOfVarint, readVarint } from './varint.ts';

/**
 * Offset after the datum that starts at `at`, or at least Infinity when it does not end inside the bytes. avsc trusts lengths
 * and counts as written: a map that claims 2^50 entries would keep it busy for years, so each value is walked first.
 */
export type FindEnd = (bytes: Uint8Array, at: number) => number;

/** A walker for one Avro type, for any value that can be written with it. */
export function findEndOf(type: Type): FindEnd {
  if (type instanceof avsc.types.RecordType)
    return endOfAll(type.fields.map((field) => findEndOf(field.type)));
  if (
    type instanceof avsc.types.UnwrappedUnionType ||
    type instanceof avsc.types.WrappedUnionType
  ) {
    return endOfBranch(type.types.map(findEndOf));
  }
  if (type instanceof avsc.types.MapType)
    return endOfBlocks([endOfBytes, findEndOf(type.valuesType)]);
  if (type instanceof avsc.types.ArrayType) return endOfBlocks([findEndOf(type.itemsType)]);
  if (type instanceof avsc.types.LogicalType) return findEndOf(type.underlyingType);
  if (type instanceof avsc.types.FixedType) return endAfter(type.size);
  return endOfPrimitive(type.typeName);
}

function endOfPrimitive(name: string): FindEnd {
  switch (name) {
    case 'null':
      return endAfter(0);
    case 'boolean':
      return endAfter(1);
    case 'float':
      return endAfter(4);
    case 'double':
      return endAfter(8);
    case 'string':
    case 'bytes':
      return endOfBytes;
    default:
      return (bytes, at) => endOfVarint(bytes, at);
  }
}

function endAfter(size: number): FindEnd {
  return (bytes, at) => within(bytes, at + size);
}

function within(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : Infinity;
}

function endOfBytes(bytes: Uint8Array, at: number): number {
  const start = endOfVarint(bytes, at);
  if (start === Infinity) return Infinity;
  const size = readVarint(bytes, at);
  return size < 0 ? Infinity : within(bytes, start + size);
}

function endOfAll(ends: readonly FindEnd[]): FindEnd {
  return (bytes, at) => {
    let end = at;
    for (const find of ends) {
      end = find(bytes, end);
      if (end === Infinity) return Infinity;
    }
    return end;
  };
}

function endOfBranch(branches: readonly FindEnd[]): FindEnd {
  return (bytes, at) => {
    const start = endOfVarint(bytes, at);
    const find = start === Infinity ? undefined : branches[readVarint(bytes, at)];
    return find === undefined ? Infinity : find(bytes, start);
  };
}

/** Blocks of items until an empty one. A block's items take at least a byte each here, or its count is a lie. */
function endOfBlocks(item: readonly FindEnd[]): FindEnd {
  const findItem = endOfAll(item);
  return (bytes, at) => {
    let end = at;
    for (;;) {
      const start = endOfVarint(bytes, end);
      if (start === Infinity) return Infinity;
      const count = readVarint(bytes, end);
      if (count === 0) return start;
      end = count < 0 ? endOfVarint(bytes, start) : start;
      const items = Math.abs(count);
      if (items > bytes.length - end) return Infinity;
      for (let n = 0; n < items && end !== Infinity; n += 1) end = findItem(bytes, end);
      if (end === Infinity) return Infinity;
    }
  };
}
