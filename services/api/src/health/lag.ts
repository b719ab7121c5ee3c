import type { LogRange } from '@kpi/kafka';

/** How far both consumers of the log are behind in one partition, in records over all input topics. */
export interface PartitionLag {
  readonly partition: number;
  readonly aggregate: number;
  readonly archive: number;
}

export interface LagSources {
  /** What the log holds, by topic, then by partition. */
  readonly ranges: ReadonlyMap<string, ReadonlyMap<number, LogRange>>;
  /** Offset before which everything is applied or archived, by `topic:partition`. */
  readonly applied: Readonly<Record<string, number>>;
  readonly archived: ReadonlyMap<string, number>;
}

/** Lag by partition. Who has not begun lags by all that the log holds; nobody lags by what retention has deleted. */
export function lagByPartition({ ranges, applied, archived }: LagSources): readonly PartitionLag[] {
  const lags = new Map<number, PartitionLag>();
  for (const [topic, partitions] of ranges) {
    for (const [partition, { start, end }] of partitions) {
      const place = `${topic}:${partition}`;
      const behind = (next = start): number => Math.max(0, end - Math.max(start, next));
      const sum = lags.get(partition) ?? { partition, aggregate: 0, archive: 0 };
      lags.set(partition, {
        partition,
        aggregate: sum.aggregate + behind(applied[place]),
        archive: sum.archive + behind(archived.get(place)),
      });
    }
  }
  return [...lags.values()].toSorted((a, b) => a.partition - b.partition);
}
