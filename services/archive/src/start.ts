import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { createHistory } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import {
  type PartitionConsumer,
  type PartitionTask,
  SchemaRegistry,
  consumePartitions,
  createDeadLetterSink,
  createEventDecoder,
  createEventProducer,
  createKafka,
  observeSink,
  topicsOf,
} from '@kpi/kafka';
import { Eraser } from '@kpi/live';
import {
  ArchiveLedger,
  ErasedSubjects,
  TaskLease,
  archivedOffsets,
  assertSuitable,
  closeRedis,
  createRedis,
  definitionsInForce,
  withPresence,
} from '@kpi/redis';
import { type Service, type ServiceContext, longest, progressReadiness } from '@kpi/runtime';

import { createArchiveMetrics } from './archive-metrics.ts';
import { claimPartition } from './claim-partition.ts';
import { cutBatch } from './cut-batch.ts';
import { type ArchiveConfig } from './options.ts';
import { PartitionArchive } from './partition-archive.ts';
import { type Stretch } from './range-buffer.ts';
import { readStretch } from './stretch-reader.ts';
import { UnitKeeper } from './unit-keeper.ts';
import { startValues } from './values/start-values.ts';

const OF_THE_TASK: ReadonlySet<string> = new Set(['ownership_lost', 'store_set_back']);

/** A tenth of an insert that still lies in the log is worth waiting for. */
const BEHIND_SHARE = 10;

/**
 * Consume all input topics and keep every record in ClickHouse, once. The database must have been migrated. Rejects when Kafka
 * or Redis is away, or Redis may evict; while ClickHouse is, rows wait and the log is not read further.
 */
export async function start(config: ArchiveConfig, context: ServiceContext): Promise<Service> {
  const { log, clock, onFatal } = context;
  const topics = topicsOf(config);
  const redis = await createRedis(config, log);
  await assertSuitable(redis);
  const ledger = new ArchiveLedger({ client: redis, prefix: config.KPI_REDIS_PREFIX });
  const history = createHistory(config, log);
  const kafka = createKafka(config, log);
  const producer = createEventProducer({ kafka, log });
  const metrics = createArchiveMetrics(context.metrics);
  const deadLetters = createDeadLetterSink(producer, topics.deadLetters);
  const store = { client: redis, prefix: config.KPI_REDIS_PREFIX };
  const erased = new ErasedSubjects({ ...store, clock, stage: 'settled' });
  const reading = {
    decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock }),
    deadLetters: observeSink(deadLetters, (letter) => metrics.countRefused(letter)),
    clock,
  };
  const worker = `${hostname()}:${process.pid}`;

  const archives = new Set<PartitionArchive>();
  let readLag: PartitionConsumer['lag'] = () => [];
  const lagOf = (partition: number): number =>
    readLag().reduce((sum, one) => sum + (one.partition === partition ? one.lag : 0), 0);

  const open = async (partition: number): Promise<PartitionTask> => {
    const { archived, positions } = await claimPartition({
      ledger,
      history,
      topics: topics.input,
      partition,
      worker,
      log,
    });
    log.info({ partition, unfinished: archived.unfinished !== undefined }, 'partition claimed');
    const archive = new PartitionArchive({
      partition,
      archived,
      history,
      installation: config.KPI_REDIS_PREFIX,
      rowsMax: config.KPI_ARCHIVE_BATCH_ROWS,
      waitMs: config.KPI_ARCHIVE_WAIT_MS,
      isBehind: () => lagOf(partition) >= config.KPI_ARCHIVE_BATCH_ROWS / BEHIND_SHARE,
      log,
      clock,
      onInserted: (rows, tookMs) => {
        metrics.rows.inc(rows);
        metrics.insertRows.observe(rows);
        metrics.insertSeconds.observe(tookMs / 1_000);
      },
      onRetry: (fault) => metrics.consumer.observer.onRetry(fault),
      onFailed: (error) => {
        // These two end the task, which says so itself.
        if (!(error instanceof Fault && OF_THE_TASK.has(error.code))) onFatal(error);
      },
    });
    archives.add(archive);
    return {
      positions,
      apply: async (batch) => {
        const stretches: Stretch[] = [];
        await erased.refreshWhenDue();
        // All are read before one is added: what fails for a while is applied again as a whole.
        for (const part of cutBatch(batch, archive.cutsOf(batch.topic))) {
          const erasures = archive.erasuresOf(part) ?? erased.known;
          const isErased = erased.isAmong(erasures);
          stretches.push(await readStretch(part, { ...reading, erasures, isErased }));
        }
        for (const stretch of stretches) await archive.add(stretch);
      },
      confirm: () => archive.confirm(),
      close: () => {
        archives.delete(archive);
        return archive.close();
      },
    };
  };

  const consumer = await consumePartitions({
    kafka,
    groupId: `${config.KPI_TOPIC_PREFIX}archive`,
    topics: topics.input,
    open,
    batchRecordsMax: config.KPI_ARCHIVE_BATCH_ROWS,
    sessionTimeoutMs: config.KPI_KAFKA_SESSION_TIMEOUT_MS,
    log,
    clock,
    onFatal,
    observer: metrics.consumer.observer,
  });
  readLag = () => consumer.lag();
  const progress = {
    lag: () => consumer.lag(),
    lastProgressAt: () => consumer.lastProgressAt(),
    obstacle: () =>
      longest([consumer.obstacle(), ...[...archives].map((archive) => archive.obstacle)]),
  };
  metrics.consumer.watch(progress, clock);

  const keeper = new UnitKeeper({
    history,
    lease: new TaskLease({
      client: redis,
      prefix: config.KPI_REDIS_PREFIX,
      task: 'keep-units',
      // Two archives of one process are two holders.
      holder: `${worker}:${randomUUID()}`,
    }),
    readBound: () => archivedOffsets(redis, config),
    readDefinitions: () => definitionsInForce({ client: redis, prefix: config.KPI_REDIS_PREFIX }),
    intervalMs: config.KPI_ARCHIVE_KEEP_SECONDS * 1_000,
    log,
    clock,
    onKept: (tookMs) => metrics.keepSeconds.observe(tookMs / 1_000),
  });
  keeper.start();

  const eraser = new Eraser({ config, client: redis, kafka, producer, log, clock });
  eraser.start();

  const values = await startValues(config, context, { kafka, topic: topics.values });
  const service: Service = {
    name: 'archive',
    readiness: () => {
      const events = progressReadiness('archive', progress, clock());
      return events.isReady ? values.readiness() : Promise.resolve(events);
    },
    async close() {
      await keeper.close();
      await eraser.close();
      await values.close();
      await consumer.close();
      await producer.close();
      await history.close();
      await closeRedis(redis);
    },
  };
  return withPresence(service, { client: redis, prefix: config.KPI_REDIS_PREFIX, clock, log });
}
