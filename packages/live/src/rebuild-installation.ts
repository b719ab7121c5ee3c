import { createArchivedRecords } from '@kpi/clickhouse';
import {
  SchemaRegistry,
  createEventDecoder,
  createEventProducer,
  createKafka,
  topicsOf,
} from '@kpi/kafka';
import {
  ErasedSubjects,
  archiveProgress,
  archivedOffsets,
  assertSuitable,
  closeRedis,
  createRedis,
  readPresences,
} from '@kpi/redis';
import { type Clock, type EngineConfig, type Logger } from '@kpi/runtime';

import { archivedPast } from './archived-past.ts';
import { createTeller } from './facts-log.ts';
import { createHomeHistory } from './home-history.ts';
import { type RebuildProgress } from './filling.ts';
import { type RebuildReport, rebuild } from './rebuild.ts';

export interface InstallationRebuild {
  readonly config: EngineConfig;
  /** The log from its beginning; or history, and the log from where history ends. */
  readonly source: 'kafka' | 'clickhouse';
  readonly log: Logger;
  readonly clock: Clock;
  readonly onProgress?: (progress: RebuildProgress) => void;
  readonly signal?: AbortSignal;
}

/** {@link rebuild} with connections of its own to the engines of an installation. Nobody is waited for where no worker runs. */
export async function rebuildInstallation(options: InstallationRebuild): Promise<RebuildReport> {
  const { config, source, log, clock, onProgress, signal } = options;
  const partitions = config.KPI_PARTITIONS;
  const client = await createRedis(config, log);
  const records = createArchivedRecords(config);
  const kafka = createKafka(config, log);
  const producer = createEventProducer({ kafka, log });
  const topics = topicsOf(config);
  const progress = () => archiveProgress(client, config);
  try {
    await assertSuitable(client);
    const store = { client, prefix: config.KPI_REDIS_PREFIX, clock };
    const erased = new ErasedSubjects({ ...store, stage: 'asked' });
    const running = await readPresences(store);
    const hasWorkers = running.some(({ service }) => service === 'aggregate');
    return await rebuild({
      client,
      prefix: config.KPI_REDIS_PREFIX,
      partitions,
      kafka,
      topics: topics.input,
      factsTopic: topics.facts,
      tell: createTeller({ producer, topic: topics.facts, partitions }),
      decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock }),
      groupId: `${config.KPI_TOPIC_PREFIX}rebuild-${crypto.randomUUID()}`,
      erased,
      history: createHomeHistory({
        // It is awaited, and once.
        rests: 0,
        records,
        partitions,
        archived: () => archivedOffsets(client, config),
        isErased: erased.isErased,
        clock,
      }),
      log,
      clock,
      ...(onProgress !== undefined && { onProgress }),
      ...(signal !== undefined && { signal }),
      ...(source === 'clickhouse' && {
        past: archivedPast({ records, partitions, progress, isErased: erased.isErased, log }),
      }),
      ...(!hasWorkers && { handOverMsMax: 0 }),
    });
  } finally {
    await producer.close();
    await records.close();
    await closeRedis(client);
  }
}
