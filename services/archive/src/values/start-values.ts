import { createValueHistory } from '@kpi/clickhouse';
import { type KafkaClient, LogRanges, type PartitionTask, consumePartitions } from '@kpi/kafka';
import {
  Counter,
  type Service,
  type ServiceContext,
  longest,
  progressReadiness,
} from '@kpi/runtime';

import { type ArchiveConfig } from '../options.ts';
import { readValues } from './read-values.ts';
import { ValueArchive } from './value-archive.ts';

export interface ValueArchiveSetting {
  readonly kafka: KafkaClient;
  /** Topic of published values. */
  readonly topic: string;
}

/**
 * Bring the values of kpi.values.v1 into ClickHouse: the views kpi_values and kpi_daily. ClickHouse itself says where to go on.
 * In a group of its own, so that values and events never wait for each other.
 */
export async function startValues(
  config: ArchiveConfig,
  context: ServiceContext,
  { kafka, topic }: ValueArchiveSetting,
): Promise<Service> {
  const { log, clock, onFatal } = context;
  const history = createValueHistory(config);
  const ranges = new LogRanges(kafka);
  const metrics = createMetrics(context);
  const archive = new ValueArchive({
    history,
    waitMs: config.KPI_ARCHIVE_VALUES_WAIT_MS,
    log,
    clock,
    onInserted: (rows) => metrics.rows.inc(rows),
    onFailed: onFatal,
  });
  const open = async (partition: number): Promise<PartitionTask> => {
    const next = (await history.nextOffsets(topic)).get(partition);
    const range = (await ranges.read(topic)).get(partition);
    const isLost = next !== undefined && range !== undefined && next < range.start;
    // What the log no longer has cannot be had; a KPI's history has better numbers of that time.
    if (isLost) log.warn({ partition, next, start: range.start }, 'values were not kept in time');
    return {
      positions: new Map(next === undefined || isLost ? [] : [[topic, next]]),
      async apply(batch) {
        const { rows, strange } = readValues(batch);
        metrics.strange.inc(strange);
        await archive.add(rows);
      },
      close: () => Promise.resolve(),
    };
  };
  const consumer = await consumePartitions({
    kafka,
    groupId: `${config.KPI_TOPIC_PREFIX}archive-values`,
    topics: [topic],
    open,
    sessionTimeoutMs: config.KPI_KAFKA_SESSION_TIMEOUT_MS,
    log,
    clock,
    onFatal,
  });
  const progress = {
    lag: () => consumer.lag(),
    lastProgressAt: () => consumer.lastProgressAt(),
    obstacle: () => longest([consumer.obstacle(), archive.obstacle]),
  };
  return {
    name: 'archive-values',
    readiness: () => Promise.resolve(progressReadiness('archive of values', progress, clock())),
    async close() {
      await consumer.close();
      await archive.close();
      await ranges.close();
      await history.close();
    },
  };
}

function createMetrics({ metrics }: ServiceContext) {
  const registers = [metrics];
  return {
    rows: new Counter({
      name: 'kpi_archive_values_total',
      help: 'Published values inserted into the history store.',
      registers,
    }),
    strange: new Counter({
      name: 'kpi_archive_values_strange_total',
      help: 'Records of the topic of published values that are none.',
      registers,
    }),
  };
}
