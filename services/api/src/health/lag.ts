import type { LogRange } from '@kpi/kafka';
import { placeOf } from '@kpi/redis';

/** How far both consumers of the log are behind in one partition or one topic, in records. */
interface Behind {
  readonly aggregate: number;
  readonly archive: number;
}

/** The same in one partition, over all input topics, and how near retention is to what nobody has read. */
interface PartitionLag extends Behind {
  readonly partition: number;
  /** Records that the log still holds. */
  readonly kept: number;
  /**
   * Of the topic that is worst off: the share of what the log holds that the slower consumer has not read, 0 as long as retention
   * has deleted nothing. At 1 records are lost.
   */
  readonly retentionUsed: number;
}

/** The same in one topic, over all partitions. */
interface TopicLag extends Behind {
  readonly topic: string;
  readonly kept: number;
}

export interface Lag extends Behind {
  readonly partitions: readonly PartitionLag[];
  readonly topics: readonly TopicLag[];
}

export interface LagSources {
  /** What the log holds, by topic, then by partition. */
  readonly ranges: ReadonlyMap<string, ReadonlyMap<number, LogRange>>;
  /** Offset before which everything is applied or archived, by `topic:partition`. */
  readonly applied: Readonly<Record<string, number>>;
  readonly archived: ReadonlyMap<string, number>;
}

/** Who has not begun lags by all that the log holds; nobody lags by what retention has deleted. */
export function lagOf({ ranges, applied, archived }: LagSources): Lag {
  const partitions = new Map<number, PartitionLag>();
  const topics: TopicLag[] = [];
  for (const [topic, places] of ranges) {
    let whole: TopicLag = { topic, kept: 0, aggregate: 0, archive: 0 };
    for (const [partition, { start, end }] of places) {
      const place = placeOf(topic, partition);
      const behind = (next = start): number => Math.max(0, end - Math.max(start, next));
      const [aggregate, archive] = [behind(applied[place]), behind(archived.get(place))];
      const kept = end - start;
      const used = start === 0 || kept === 0 ? 0 : Math.max(aggregate, archive) / kept;
      const sum = partitions.get(partition) ?? noneIn(partition);
      const added = { aggregate, archive, kept };
      const retentionUsed = Math.max(sum.retentionUsed, used);
      partitions.set(partition, { ...plus(sum, added), retentionUsed });
      whole = plus(whole, added);
    }
    topics.push(whole);
  }
  return {
    aggregate: total(topics, 'aggregate'),
    archive: total(topics, 'archive'),
    partitions: [...partitions.values()].toSorted((a, b) => a.partition - b.partition),
    topics,
  };
}

function noneIn(partition: number): PartitionLag {
  return { partition, aggregate: 0, archive: 0, kept: 0, retentionUsed: 0 };
}

interface Counts extends Behind {
  readonly kept: number;
}

function plus<Place extends Counts>(place: Place, { aggregate, archive, kept }: Counts): Place {
  return {
    ...place,
    aggregate: place.aggregate + aggregate,
    archive: place.archive + archive,
    kept: place.kept + kept,
  };
}

function total(topics: readonly TopicLag[], name: keyof Behind): number {
  return topics.reduce((sum, one) => sum + one[name], 0);
}
