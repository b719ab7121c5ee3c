/** A member of a consumer group and the partitions it had before. */
export interface Member {
  readonly id: string;
  readonly owned: readonly number[];
}

/**
 * Share partitions `0 … count - 1` among members: sizes differ by at most one, and a member keeps what it had as far as its
 * share allows. The same input gives the same answer whatever the order of members.
 */
export function assignPartitions(
  members: readonly Member[],
  count: number,
): ReadonlyMap<string, readonly number[]> {
  // Those that own most get the larger shares, so that fewest partitions move.
  const ranked = members.toSorted(
    (a, b) => b.owned.length - a.owned.length || (a.id < b.id ? -1 : 1),
  );
  const free = new Set(Array.from({ length: count }, (_, partition) => partition));
  const shares = ranked.map(({ id, owned }, rank) => {
    const size = shareOf(rank, ranked.length, count);
    const kept = owned.filter((partition) => free.has(partition)).slice(0, size);
    for (const partition of kept) free.delete(partition);
    return { id, size, kept: [...new Set(kept)] };
  });
  const rest = [...free];
  return new Map(
    shares.map(({ id, size, kept }) => [id, [...kept, ...rest.splice(0, size - kept.length)]]),
  );
}

function shareOf(rank: number, members: number, count: number): number {
  return Math.floor(count / members) + (rank < count % members ? 1 : 0);
}
