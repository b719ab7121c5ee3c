import { createKafka, topicsOf } from '@kpi/kafka';
import {
  LiveView,
  type Presence,
  archivedOffsets,
  closeRedis,
  createRedis,
  placeOf,
  readPresences,
} from '@kpi/redis';
import type { Clock } from '@kpi/runtime';

import type { EngineAccess } from '../engines.ts';
import { readOffsets } from '../log-offsets.ts';
import { type PartitionLag, type Readers, lagByPartition } from './lag.ts';

/** What the engines themselves say, past the services. */
export interface EngineStatus {
  /** When they were asked, ms. */
  readonly at: number;
  readonly processes: readonly Presence[];
  readonly lag: readonly PartitionLag[];
  /** Refused events that are kept, replayed or dropped ones not yet compacted included. */
  readonly deadLetters: number;
}

/** Compare the ends of the log with what each store has taken. Throws the Fault of the first engine that does not answer. */
export async function readEngineStatus(access: EngineAccess, clock: Clock): Promise<EngineStatus> {
  const topics = topicsOf(access.config);
  const kafka = createKafka(access.config, access.log);
  const [offsets, { processes, ...readers }] = await Promise.all([
    readOffsets(kafka, [...topics.input, topics.deadLetters]),
    readReaders(access, clock),
  ]);
  const letters = offsets.get(topics.deadLetters) ?? [];
  const ends = new Map([...offsets].filter(([topic]) => topics.input.includes(topic)));
  return {
    at: clock(),
    processes,
    lag: lagByPartition(ends, readers),
    deadLetters: letters.reduce((sum, { first, next }) => sum + next - first, 0),
  };
}

/** Both readers of the log keep their place in Redis. */
async function readReaders(
  { config, log }: EngineAccess,
  clock: Clock,
): Promise<Readers & Pick<EngineStatus, 'processes'>> {
  const client = await createRedis(config, log);
  try {
    const { KPI_REDIS_PREFIX: prefix, KPI_PARTITIONS: partitions } = config;
    const view = new LiveView({ client, prefix, partitions, log, clock });
    await view.reload();
    const applied = new Map(view.positions().map((each) => [each.partition, each.offsets]));
    const archived = await archivedOffsets(client, config);
    return {
      processes: await readPresences({ client, prefix, clock }),
      live: (topic, partition) => applied.get(partition)?.get(topic),
      history: (topic, partition) => archived.get(placeOf(topic, partition)),
    };
  } finally {
    await closeRedis(client);
  }
}
