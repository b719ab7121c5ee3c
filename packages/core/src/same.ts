/** Whether two values of plain data (numbers, texts, arrays, maps, objects of one shape) are equal in all their parts. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b);
  if (a instanceof Map) return b instanceof Map && isSameMap(a, b);
  return isSameRecord(a, b);
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (!isSame(a[index], b[index])) return false;
  }
  return true;
}

function isSameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (!b.has(key) || !isSame(value, b.get(key))) return false;
  }
  return true;
}

function isSameRecord(a: object, b: object): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !isSame(Reflect.get(a, key), Reflect.get(b, key))) return false;
  }
  return true;
}

/** Where two lists differ: from `first` on, up to an end of each. Nothing differs when all three are the same. */
export interface DifferingRange {
  readonly first: number;
  readonly fromEnd: number;
  readonly toEnd: number;
}

export function differingRange<One>(
  from: readonly One[],
  to: readonly One[],
  isSameOne: (a: One, b: One) => boolean,
): DifferingRange {
  const isSameAt = (a: One | undefined, b: One | undefined): boolean =>
    a !== undefined && b !== undefined && (a === b || isSameOne(a, b));
  const shorter = Math.min(from.length, to.length);
  let first = 0;
  while (first < shorter && isSameAt(from[first], to[first])) first += 1;
  let fromEnd = from.length;
  let toEnd = to.length;
  while (fromEnd > first && toEnd > first && isSameAt(from[fromEnd - 1], to[toEnd - 1])) {
    fromEnd -= 1;
    toEnd -= 1;
  }
  return { first, fromEnd, toEnd };
}
