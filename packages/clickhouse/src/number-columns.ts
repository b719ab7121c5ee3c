import { NativeColumn, sameKind } from './native-column.ts';

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

const FIRST_ROWS = 64;

/** What every column of a kind is told. */
interface ColumnTitle {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
}

/** A column of values of one width, so that a row has its place from the beginning. */
export abstract class PlacedColumn extends NativeColumn {
  readonly #make: (size: number) => Numbers;
  readonly #perRow: number;
  protected numbers: Numbers;

  /** `perRow` numbers stand for a value. */
  constructor(title: ColumnTitle, make: (size: number) => Numbers, perRow = 1) {
    super(title.name, title.type, title.isNullable);
    this.#make = make;
    this.#perRow = perRow;
    this.numbers = make(0);
  }

  /** Room for so many rows; what is new is zero. */
  protected reserve(rows: number): void {
    const needed = rows * this.#perRow;
    if (needed <= this.numbers.length) return;
    const grown = this.#make(2 * Math.max(needed, FIRST_ROWS));
    grown.set(this.numbers);
    this.numbers = grown;
  }

  protected override get valueBytes(): number {
    return this.numbers.byteLength;
  }

  protected override skip(): void {
    // Places of rows are fixed.
  }

  protected override join(at: number, other: NativeColumn, rows: number): void {
    const perRow = this.#perRow;
    this.reserve(at + rows);
    this.numbers.set(sameKind(PlacedColumn, other).numbers.subarray(0, rows * perRow), at * perRow);
  }

  protected override values(rows: number): readonly Uint8Array[] {
    this.reserve(rows);
    const { buffer, BYTES_PER_ELEMENT: width } = this.numbers;
    return [new Uint8Array(buffer, 0, width * this.#perRow * rows)];
  }
}

const HIGH_WORD = 0x1_0000_0000;

/** 64-bit integers. */
export class Int64Column extends PlacedColumn {
  constructor(name: string, isNullable: boolean, type = 'Int64') {
    super({ name, type, isNullable }, (size) => new Uint32Array(size), 2);
  }

  override number(row: number, value: number): void {
    this.state(row);
    this.reserve(row + 1);
    const high = Math.floor(value / HIGH_WORD);
    this.numbers[2 * row] = value - high * HIGH_WORD;
    this.numbers[2 * row + 1] = high;
  }

  /** The low word, for counts. */
  at(row: number): number {
    return this.numbers[2 * row] ?? 0;
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

const TYPED = {
  Bool: (size: number): Numbers => new Uint8Array(size),
  Int32: (size: number): Numbers => new Int32Array(size),
  UInt32: (size: number): Numbers => new Uint32Array(size),
  Float64: (size: number): Numbers => new Float64Array(size),
} as const;

/** Numbers that a typed array holds as they are. */
export class TypedColumn extends PlacedColumn {
  constructor(name: string, isNullable: boolean, type: keyof typeof TYPED) {
    super({ name, type, isNullable }, TYPED[type]);
  }

  override number(row: number, value: number): void {
    this.state(row);
    this.reserve(row + 1);
    this.numbers[row] = value;
  }
}
