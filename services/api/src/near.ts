const NEAR_MAX = 3;
/** More edits than this share of the longer name and it is another word. */
const DISTANCE_SHARE_MAX = 0.5;

/** Names that someone who wrote `wanted` may have meant, the nearest first, at most three. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, distance: nearness(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= DISTANCE_SHARE_MAX)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, NEAR_MAX)
    .map(({ name }) => name);
}

/** 0 for the same, 1 for nothing in common; a part of a name is near it. */
function nearness(wanted: string, name: string): number {
  if (wanted.length > 2 && name.includes(wanted)) return 0.1;
  return editDistance(wanted, name) / Math.max(wanted.length, name.length);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 0; index < a.length; index += 1) {
    const next = [index + 1];
    for (let column = 1; column < row.length; column += 1) {
      const replace = (row[column - 1] ?? 0) + (b[column - 1] === a[index] ? 0 : 1);
      next.push(Math.min(replace, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
