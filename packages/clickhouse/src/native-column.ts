/**
 * One column of a block in ClickHouse's Native format, filled row by row. A row that is passed over is null or empty: buffers
 * begin as zeros, and zeros are just that, so it costs nothing to pass one over.
 */
export abstract class NativeColumn {
  readonly name: string;
  /** As the block's header states it; the server casts it to the type of the table. */
  readonly type: string;
  readonly #nulls: GrowingBytes | undefined;
  protected rows = 0;
  #isStated = false;

  constructor(name: string, type: string, isNullable: boolean) {
    this.name = name;
    this.type = isNullable ? `Nullable(${type})` : type;
    this.#nulls = isNullable ? new GrowingBytes() : undefined;
  }

  /** Text of a row, as UTF-8. */
  text(_row: number, _bytes: Uint8Array, _from: number, _to: number): void {
    throw new TypeError(`${this.name} is not a text`);
  }

  number(_row: number, _value: number): void {
    throw new TypeError(`${this.name} is not a number`);
  }

  texts(_row: number, _value: Readonly<Record<string, string>>): void {
    throw new TypeError(`${this.name} is not a map`);
  }

  /** Memory that is held. */
  get bytes(): number {
    return (this.#nulls?.bytes.length ?? 0) + this.valueBytes;
  }

  /** Whether any row has a value. A column without one need not be sent. */
  get isStated(): boolean {
    return this.#isStated;
  }

  /** Add the first rows of a column of the same kind, from row `at` on. */
  append(at: number, other: NativeColumn, rows: number): void {
    if (!other.#isStated) return;
    other.passOver(rows);
    this.passOver(at);
    this.rows = at + rows;
    this.#isStated = true;
    if (this.#nulls !== undefined && other.#nulls !== undefined) this.#nulls.append(other.#nulls);
    this.join(at, other, rows);
  }

  /** The column's bytes for this many rows. */
  encode(rows: number): readonly Uint8Array[] {
    this.passOver(rows);
    if (this.#nulls === undefined) return this.values(rows);
    return [this.#nulls.taken(rows), ...this.values(rows)];
  }

  /** Rows before `row` are done: those without a value are null. */
  protected passOver(row: number): void {
    const missing = row - this.rows;
    if (missing <= 0) return;
    this.rows = row;
    this.skip(missing);
    if (this.#nulls !== undefined) this.#nulls.fill(missing, IS_NULL);
  }

  /** The row has a value. */
  protected state(row: number): void {
    this.passOver(row);
    this.rows = row + 1;
    this.#isStated = true;
    if (this.#nulls !== undefined) this.#nulls.fill(1, 0);
  }

  protected abstract get valueBytes(): number;
  protected abstract skip(rows: number): void;
  protected abstract join(at: number, other: NativeColumn, rows: number): void;
  protected abstract values(rows: number): readonly Uint8Array[];
}

const IS_NULL = 1;
/** Room is made when there is a first value: most optional columns never have one. */
const FIRST_BYTES = 256;
const FIRST_ROWS = 64;
const VARINT_CONTINUES = 0x80;
const VARINT_BITS = 7;
const ASCII_MAX = 0x7f;

/** Bytes that are added at the end; new room is zero. */
class GrowingBytes {
  bytes = new Uint8Array(0);
  length = 0;

  /** Room for so many more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length, FIRST_BYTES));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  fill(count: number, value: number): void {
    this.reserve(count);
    if (value !== 0) this.bytes.fill(value, this.length, this.length + count);
    this.length += count;
  }

  append(other: GrowingBytes): void {
    this.reserve(other.length);
    this.bytes.set(other.bytes.subarray(0, other.length), this.length);
    this.length += other.length;
  }

  varint(value: number): void {
    this.reserve(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= VARINT_CONTINUES) {
      this.bytes[this.length++] = (rest & ASCII_MAX) | VARINT_CONTINUES;
      rest >>>= VARINT_BITS;
    }
    this.bytes[this.length++] = rest;
  }

  /** A text with its length in front, as UTF-8 that is well-formed even where the bytes are not. */
  text(bytes: Uint8Array, from: number, to: number): void {
    this.varint(to - from);
    const size = to - from;
    this.reserve(size);
    const { bytes: own, length: start } = this;
    let seen = 0;
    for (let at = 0; at < size; at += 1) {
      const byte = bytes[from + at] ?? 0;
      own[start + at] = byte;
      seen |= byte;
    }
    this.length += size;
    if (seen > ASCII_MAX) this.#repair(bytes.subarray(from, to), start);
  }

  /** What is not well-formed becomes U+FFFD, as it does where events are decoded into strings. */
  #repair(given: Uint8Array, start: number): void {
    const repaired = Buffer.from(Buffer.from(given).toString('utf8'), 'utf8');
    if (repaired.equals(given)) return;
    this.bytes.fill(0, start - varintBytes(given.length), this.length);
    this.length = start - varintBytes(given.length);
    this.varint(repaired.length);
    this.reserve(repaired.length);
    this.bytes.set(repaired, this.length);
    this.length += repaired.length;
  }

  taken(count: number): Uint8Array {
    return this.bytes.subarray(0, count);
  }
}

const VARINT_BYTES_MAX = 10;

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= VARINT_CONTINUES; rest >>>= VARINT_BITS) bytes += 1;
  return bytes;
}

export class TextColumn extends NativeColumn {
  readonly #values = new GrowingBytes();

  constructor(name: string, isNullable: boolean) {
    super(name, 'String', isNullable);
  }

  override text(row: number, bytes: Uint8Array, from: number, to: number): void {
    this.state(row);
    this.#values.text(bytes, from, to);
  }

  protected override get valueBytes(): number {
    return this.#values.bytes.length;
  }

  protected override skip(rows: number): void {
    this.#values.fill(rows, 0);
  }

  protected override join(_at: number, other: NativeColumn): void {
    this.#values.append(sameKind(TextColumn, other).#values);
  }

  protected override values(): readonly Uint8Array[] {
    return [this.#values.taken(this.#values.length)];
  }
}

/** Texts of which there are few: the names of topics, tables and types. */
export class DictionaryColumn extends NativeColumn {
  readonly #keys = new Map<string, number>();
  #indexes = new Uint16Array(0);

  constructor(name: string) {
    super(name, 'LowCardinality(String)', false);
  }

  /** The value is known already: {@link DictionaryColumn.set} gives it. */
  override text(): void {
    // Nothing to copy.
  }

  set(row: number, text: string): void {
    this.state(row);
    if (row >= this.#indexes.length) this.#grow(row);
    this.#indexes[row] = this.#indexOf(text);
  }

  #indexOf(text: string): number {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    this.#keys.set(text, this.#keys.size);
    return this.#keys.size - 1;
  }

  #grow(rows: number): void {
    const grown = new Uint16Array(2 * Math.max(rows, this.#indexes.length, FIRST_ROWS));
    grown.set(this.#indexes);
    this.#indexes = grown;
  }

  protected override get valueBytes(): number {
    return this.#indexes.byteLength;
  }

  protected override skip(): void {
    // Places of rows are fixed.
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    const from = sameKind(DictionaryColumn, other);
    const indexes = [...from.#keys.keys()].map((text) => this.#indexOf(text));
    if (at + rows > this.#indexes.length) this.#grow(at + rows);
    for (let row = 0; row < rows; row += 1)
      this.#indexes[at + row] = indexes[from.#indexes[row] ?? 0] ?? 0;
  }

  protected override values(rows: number): readonly Uint8Array[] {
    const head = Buffer.alloc(DICTIONARY_HEAD_BYTES);
    head.writeBigUInt64LE(DICTIONARY_VERSION, 0);
    head.writeBigUInt64LE(DICTIONARY_OF_ITS_OWN, 8);
    head.writeBigUInt64LE(BigInt(this.#keys.size), 16);
    const keys = new GrowingBytes();
    for (const text of this.#keys.keys()) put(keys, text);
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(BigInt(rows), 0);
    return [
      head,
      keys.taken(keys.length),
      count,
      new Uint8Array(this.#indexes.buffer, 0, 2 * rows),
    ];
  }
}

/** Native format of LowCardinality: version, flags (indexes of two bytes, keys follow), keys, rows, indexes. */
const DICTIONARY_HEAD_BYTES = 24;
const DICTIONARY_VERSION = 1n;
const DICTIONARY_OF_ITS_OWN = 0x601n;

const HIGH_WORD = 0x1_0000_0000;

/** 64-bit integers. */
export class Int64Column extends NativeColumn {
  #words = new Uint32Array(0);

  constructor(name: string, isNullable: boolean, type = 'Int64') {
    super(name, type, isNullable);
  }

  override number(row: number, value: number): void {
    this.state(row);
    const at = 2 * row;
    if (at >= this.#words.length) this.#grow(at);
    const high = Math.floor(value / HIGH_WORD);
    this.#words[at] = value - high * HIGH_WORD;
    this.#words[at + 1] = high;
  }

  /** The low word, for counts. */
  at(row: number): number {
    return this.#words[2 * row] ?? 0;
  }

  #grow(at: number): void {
    const grown = new Uint32Array(2 * Math.max(at, this.#words.length, FIRST_ROWS));
    grown.set(this.#words);
    this.#words = grown;
  }

  protected override get valueBytes(): number {
    return this.#words.byteLength;
  }

  protected override skip(): void {
    // Places of rows are fixed.
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    if (2 * (at + rows) > this.#words.length) this.#grow(at + rows);
    this.#words.set(sameKind(Int64Column, other).#words.subarray(0, 2 * rows), 2 * at);
  }

  protected override values(rows: number): readonly Uint8Array[] {
    if (2 * rows > this.#words.length) this.#grow(2 * rows);
    return [new Uint8Array(this.#words.buffer, 0, 8 * rows)];
  }
}

/** What DateTime64 can hold: the years 1900 to 2299. */
const TIME_MS_MIN = Date.UTC(1900, 0, 1);
const TIME_MS_MAX = Date.UTC(2300, 0, 1) - 1;

/** Times in ms. Those outside the years 1900 to 2299 become the nearest that the column can hold. */
export class TimeColumn extends Int64Column {
  constructor(name: string, isNullable: boolean) {
    super(name, isNullable, "DateTime64(3, 'UTC')");
  }

  override number(row: number, value: number): void {
    super.number(row, Math.min(Math.max(value, TIME_MS_MIN), TIME_MS_MAX));
  }
}

/** Numbers that a typed array holds as they are. */
export class TypedColumn extends NativeColumn {
  readonly #make: (length: number) => TypedNumbers;
  #numbers: TypedNumbers;

  constructor(name: string, isNullable: boolean, numbers: keyof typeof TYPED) {
    super(name, numbers, isNullable);
    this.#make = TYPED[numbers];
    this.#numbers = this.#make(0);
  }

  override number(row: number, value: number): void {
    this.state(row);
    if (row >= this.#numbers.length) this.#grow(row);
    this.#numbers[row] = value;
  }

  #grow(rows: number): void {
    const grown = this.#make(2 * Math.max(rows, this.#numbers.length, FIRST_ROWS));
    grown.set(this.#numbers);
    this.#numbers = grown;
  }

  protected override get valueBytes(): number {
    return this.#numbers.byteLength;
  }

  protected override skip(): void {
    // Places of rows are fixed.
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    if (at + rows > this.#numbers.length) this.#grow(at + rows);
    this.#numbers.set(sameKind(TypedColumn, other).#numbers.subarray(0, rows), at);
  }

  protected override values(rows: number): readonly Uint8Array[] {
    if (rows > this.#numbers.length) this.#grow(rows);
    const { buffer, BYTES_PER_ELEMENT: width } = this.#numbers;
    return [new Uint8Array(buffer, 0, width * rows)];
  }
}

type TypedNumbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

const TYPED = {
  Bool: (length: number): TypedNumbers => new Uint8Array(length),
  Int32: (length: number): TypedNumbers => new Int32Array(length),
  UInt32: (length: number): TypedNumbers => new Uint32Array(length),
  Float64: (length: number): TypedNumbers => new Float64Array(length),
} as const;

/** Maps of texts: where each row's entries end, then all keys, then all values. */
export class MapColumn extends NativeColumn {
  readonly #ends = new Int64Column('', false);
  readonly #keys = new GrowingBytes();
  readonly #values = new GrowingBytes();
  #entries = 0;

  constructor(name: string) {
    super(name, 'Map(String, String)', false);
  }

  override texts(row: number, value: Readonly<Record<string, string>>): void {
    const entries = Object.entries(value);
    // An empty map is what a row that is passed over has.
    if (entries.length === 0) return;
    this.passOver(row);
    for (const [key, text] of entries) {
      put(this.#keys, key);
      put(this.#values, text);
      this.#entries += 1;
    }
    this.#ends.number(row, this.#entries);
    this.state(row);
  }

  protected override get valueBytes(): number {
    return this.#ends.bytes + this.#keys.bytes.length + this.#values.bytes.length;
  }

  protected override skip(rows: number): void {
    for (let row = this.rows - rows; row < this.rows; row += 1)
      this.#ends.number(row, this.#entries);
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    const from = sameKind(MapColumn, other);
    for (let row = 0; row < rows; row += 1) {
      this.#ends.number(at + row, this.#entries + from.#ends.at(row));
    }
    this.#keys.append(from.#keys);
    this.#values.append(from.#values);
    this.#entries += from.#entries;
  }

  protected override values(rows: number): readonly Uint8Array[] {
    return [
      ...this.#ends.encode(rows),
      this.#keys.taken(this.#keys.length),
      this.#values.taken(this.#values.length),
    ];
  }
}

function sameKind<Kind extends NativeColumn>(
  kind: abstract new (...args: never[]) => Kind,
  column: NativeColumn,
): Kind {
  if (column instanceof kind) return column;
  throw new TypeError(`${column.name} is of another kind`);
}

function put(bytes: GrowingBytes, text: string): void {
  const encoded = Buffer.from(text);
  bytes.text(encoded, 0, encoded.length);
}

/** A block as it is sent: so many rows of these columns. */
export function encodeBlock(columns: readonly NativeColumn[], rows: number): Uint8Array {
  const head = new GrowingBytes();
  head.varint(columns.length);
  head.varint(rows);
  const parts: Uint8Array[] = [head.taken(head.length)];
  for (const column of columns) {
    const title = new GrowingBytes();
    put(title, column.name);
    put(title, column.type);
    parts.push(title.taken(title.length), ...column.encode(rows));
  }
  return Buffer.concat(parts);
}
