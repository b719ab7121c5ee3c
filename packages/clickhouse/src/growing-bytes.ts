/** Room is made when there is a first value: most optional columns never have one. */
const FIRST_BYTES = 256;
const VARINT_CONTINUES = 0x80;
const VARINT_BITS = 7;
const ASCII_MAX = 0x7f;

/** Bytes that are added at the end; new room is zero. */
export class GrowingBytes {
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

  put(text: string): void {
    const encoded = Buffer.from(text);
    this.text(encoded, 0, encoded.length);
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
