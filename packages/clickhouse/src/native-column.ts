import { GrowingBytes } from './growing-bytes.ts';

const IS_NULL = 1;

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

  /** Whether the last row that was added to the block has a value. */
  isStatedAt(row: number): boolean {
    return this.rows === row + 1;
  }

  /** Add the first rows of a column of the same kind, from row `at` on. */
  append(at: number, other: NativeColumn, rows: number): void {
    if (!other.#isStated) return;
    if (other.type !== this.type) throw new TypeError(`${other.name} is of another kind`);
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

export function sameKind<Kind extends NativeColumn>(
  kind: abstract new (...args: never[]) => Kind,
  column: NativeColumn,
): Kind {
  if (column instanceof kind) return column;
  throw new TypeError(`${column.name} is of another kind`);
}

/** A block as it is sent: so many rows of these columns. */
export function encodeBlock(columns: readonly NativeColumn[], rows: number): Uint8Array {
  const head = new GrowingBytes();
  head.varint(columns.length);
  head.varint(rows);
  const parts: Uint8Array[] = [head.taken(head.length)];
  for (const column of columns) {
    const title = new GrowingBytes();
    title.put(column.name);
    title.put(column.type);
    parts.push(title.taken(title.length), ...column.encode(rows));
  }
  return Buffer.concat(parts);
}
