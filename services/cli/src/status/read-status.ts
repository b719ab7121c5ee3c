import { createHistory } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import { createKafka, topicsOf } from '@kpi/kafka';
import { LiveView, closeRedis, createRedis } from '@kpi/redis';
import type { Clock } from '@kpi/runtime';

import type { EngineAccess } from '../engines.ts';
import { readOffsets } from '../log-offsets.ts';
import { type NextOffset, type PartitionLag, lagByPartition } from './lag.ts';

/** What the engines themselves say, past the services. */
export interface EngineStatus {
  readonly lag: readonly PartitionLag[];
  /** Refused events that are kept, replayed or dropped ones not yet compacted included. */
  readonly deadLetters: number;
}

/** Compare the ends of the log with what each store has taken. Throws the Fault of the first engine that does not answer. */
export async function readEngineStatus(access: EngineAccess, clock: Clock): Promise<EngineStatus> {
  const topics = topicsOf(access.config);
  const kafka = createKafka(access.config, access.log);
  const [offsets, live, history] = await Promise.all([
    readOffsets(kafka, [...topics.input, topics.deadLetters]),
    readLive(access, clock),
    readHistory(access),
  ]);
  const letters = offsets.get(topics.deadLetters) ?? [];
  const ends = new Map([...offsets].filter(([topic]) => topics.input.includes(topic)));
  return {
    lag: lagByPartition(ends, { live, history }),
    deadLetters: letters.reduce((sum, { first, next }) => sum + next - first, 0),
  };
}

async function readLive({ config, log }: EngineAccess, clock: Clock): Promise<NextOffset> {
  const client = await createRedis(config, log);
  try {
    const { KPI_REDIS_PREFIX: prefix, KPI_PARTITIONS: partitions } = config;
    const view = new LiveView({ client, prefix, partitions, log, clock });
    await view.reload();
    const positions = new Map(view.positions().map((each) => [each.partition, each.offsets]));
    return (topic, partition) => positions.get(partition)?.get(topic);
  } finally {
    await closeRedis(client);
  }
}

async function readHistory({ config, log }: EngineAccess): Promise<NextOffset> {
  const history = createHistory(config, log);
  try {
    const counts = await history.partitionCounts();
    const next = new Map(
      counts.map((each) => [`${each.topic}/${each.partition}`, each.nextOffset]),
    );
    return (topic, partition) => next.get(`${topic}/${partition}`);
  } finally {
    await history.close();
  }
}

/** Why the engines cannot be asked, for people; undefined for anything that is no operating error. */
export function unreachableReason(error: unknown): string | undefined {
  return error instanceof Fault ? error.message : undefined;
}
