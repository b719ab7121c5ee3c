import { GrowingBytes } from './growing-bytes.ts';
import { NativeColumn, sameKind } from './native-column.ts';
import { Int64Column, PlacedColumn } from './number-columns.ts';

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
export class DictionaryColumn extends PlacedColumn {
  readonly #keys = new Map<string, number>();

  constructor(name: string) {
    super(
      { name, type: 'LowCardinality(String)', isNullable: false },
      (size) => new Uint16Array(size),
    );
  }

  /** The value is known already: {@link DictionaryColumn.set} gives it. */
  override text(): void {
    // Nothing to copy.
  }

  set(row: number, text: string): void {
    this.state(row);
    this.reserve(row + 1);
    this.numbers[row] = this.#indexOf(text);
  }

  /** Whether some row may have this value. */
  holds(text: string): boolean {
    return this.#keys.has(text);
  }

  #indexOf(text: string): number {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    this.#keys.set(text, this.#keys.size);
    return this.#keys.size - 1;
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    const from = sameKind(DictionaryColumn, other);
    const indexes = [...from.#keys.keys()].map((text) => this.#indexOf(text));
    this.reserve(at + rows);
    for (let row = 0; row < rows; row += 1)
      this.numbers[at + row] = indexes[from.numbers[row] ?? 0] ?? 0;
  }

  protected override values(rows: number): readonly Uint8Array[] {
    const head = Buffer.alloc(DICTIONARY_HEAD_BYTES);
    head.writeBigUInt64LE(DICTIONARY_VERSION, 0);
    head.writeBigUInt64LE(DICTIONARY_OF_ITS_OWN, 8);
    head.writeBigUInt64LE(BigInt(this.#keys.size), 16);
    const keys = new GrowingBytes();
    for (const text of this.#keys.keys()) keys.put(text);
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(BigInt(rows), 0);
    return [head, keys.taken(keys.length), count, ...super.values(rows)];
  }
}

/** Native format of LowCardinality: version, flags (indexes of two bytes, keys follow), keys, rows, indexes. */
const DICTIONARY_HEAD_BYTES = 24;
const DICTIONARY_VERSION = 1n;
const DICTIONARY_OF_ITS_OWN = 0x601n;

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
      this.#keys.put(key);
      this.#values.put(text);
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
