const CONTINUES = 0x80;
const BYTES_MAX = 10;

/** Offset after the variable-length integer that starts at `at`; Infinity when it is longer than allowed or does not end. */
export function endOfVarint(bytes: Uint8Array, at: number, bytesMax = BYTES_MAX): number {
  for (let end = at; end < at + bytesMax; end += 1) {
    const byte = bytes[end];
    if (byte === undefined) return Infinity;
    if (byte < CONTINUES) return end + 1;
  }
  return Infinity;
}

/** The same of one that is known to end. */
export function afterVarint(bytes: Uint8Array, at: number): number {
  let end = at;
  while ((bytes[end] ?? 0) >= CONTINUES) end += 1;
  return end + 1;
}

/** The zigzag number at `at`, which is known to end there. Exact up to 2^53. */
export function readVarint(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < CONTINUES) return (first >>> 1) ^ -(first & 1);
  let value = 0;
  let scale = 1;
  for (let next = at; ; next += 1) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < CONTINUES) break;
    scale *= 128;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
