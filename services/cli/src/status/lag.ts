import type { PartitionOffsets } from '../log-offsets.ts';

/** How far the readers of the log are behind in one partition, in records over all input topics. */
export interface PartitionLag {
  readonly partition: number;
  /** Records in the log that the live store has not applied. */
  readonly live: number;
  /** Records in the log that history does not hold. */
  readonly history: number;
}

/** The next offset that a reader will take, by topic and partition; undefined where it has not begun. */
type NextOffset = (topic: string, partition: number) => number | undefined;

/** Where the two readers of the log are. */
export interface Readers {
  readonly live: NextOffset;
  readonly history: NextOffset;
}

/**
 * Lag by partition. A reader that has not begun lags by all that the log holds; nobody lags by what retention has deleted.
 */
export function lagByPartition(
  ends: ReadonlyMap<string, readonly PartitionOffsets[]>,
  readers: Readers,
): readonly PartitionLag[] {
  const lags = new Map<number, PartitionLag>();
  for (const [topic, partitions] of ends) {
    for (const { partition, first, next } of partitions) {
      const behind = (reader: NextOffset): number =>
        Math.max(0, next - Math.max(first, reader(topic, partition) ?? first));
      const sum = lags.get(partition) ?? { partition, live: 0, history: 0 };
      lags.set(partition, {
        partition,
        live: sum.live + behind(readers.live),
        history: sum.history + behind(readers.history),
      });
    }
  }
  return [...lags.values()].toSorted((a, b) => a.partition - b.partition);
}
