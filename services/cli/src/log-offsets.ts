import { Fault } from '@kpi/core';
import type { KafkaClient } from '@kpi/kafka';

/** Where the log of one partition begins and where it goes on. */
export interface PartitionOffsets {
  readonly partition: number;
  /** Offset of the oldest record that is still there. */
  readonly first: number;
  /** Offset of the next record to come. */
  readonly next: number;
}

/** Offsets of topics by partition; a topic that does not exist is absent. Throws a Fault `broker_unreachable`. */
export async function readOffsets(
  kafka: KafkaClient,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly PartitionOffsets[]>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = new Set(await admin.listTopics());
    const found = await Promise.all(
      topics
        .filter((topic) => present.has(topic))
        .map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)] as const),
    );
    return new Map(
      found.map(([topic, offsets]) => [
        topic,
        offsets
          .map(({ partition, low, high }) => ({
            partition,
            first: Number(low),
            next: Number(high),
          }))
          .toSorted((a, b) => a.partition - b.partition),
      ]),
    );
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Fault('broker_unreachable', said, { cause: error });
  } finally {
    await admin.disconnect();
  }
}
