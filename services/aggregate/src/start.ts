import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { createArchivedRecords } from '@kpi/clickhouse';
import {
  type LogBatch,
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
import {
  HINDERED,
  PartitionWorker,
  createHomeHistory,
  createTeller,
  readBatch,
  requireOwnTopics,
} from '@kpi/live';
import {
  ErasedSubjects,
  LiveStore,
  LiveView,
  ValueBoard,
  archivedOffsets,
  assertSuitable,
  closeRedis,
  createRedis,
  withPresence,
} from '@kpi/redis';
import { type Service, type ServiceContext, progressReadiness } from '@kpi/runtime';

import { type CountedBatch, createAggregateMetrics } from './aggregate-metrics.ts';
import { Evaluator } from './evaluator.ts';
import { type AggregateConfig } from './options.ts';

/** One is computed while the store writes the other. */
const PARTITIONS_AT_ONCE = 2;

/**
 * Consume all input topics, partition by partition, and keep the live store. Rejects when an engine is away, or Redis may
 * evict; later outages pause the work and are logged.
 */
export async function start(config: AggregateConfig, context: ServiceContext): Promise<Service> {
  const { log, clock, onFatal } = context;
  const topics = topicsOf(config);
  const redis = await createRedis(config, log);
  await assertSuitable(redis);
  const store = new LiveStore({ client: redis, prefix: config.KPI_REDIS_PREFIX });
  const kafka = createKafka(config, log);
  const producer = createEventProducer({ kafka, log });
  const metrics = createAggregateMetrics(context.metrics);
  const deadLetters = createDeadLetterSink(producer, topics.deadLetters);
  const erased = new ErasedSubjects({
    client: redis,
    prefix: config.KPI_REDIS_PREFIX,
    clock,
    stage: 'asked',
  });
  const reading = {
    decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock }),
    deadLetters: observeSink(deadLetters, (letter) => metrics.countRefused(letter)),
    clock,
    factsTopic: topics.facts,
    erased,
  };
  const partitions = config.KPI_PARTITIONS;
  // Only for homes that must be read again; nothing is connected before the first.
  const records = createArchivedRecords(config);
  const history = createHomeHistory({
    records,
    partitions,
    archived: () => archivedOffsets(redis, config),
    isErased: erased.isErased,
    clock,
  });
  const tell = createTeller({ producer, topic: topics.facts, partitions });
  const worker = `${hostname()}:${process.pid}`;

  const tasks = new Set<PartitionWorker>();
  metrics.watchStale(() => [...tasks].reduce((sum, { stale }) => sum + stale, 0));

  const open = async (partition: number): Promise<PartitionTask> => {
    const owned = await store.claim(partition, worker);
    requireOwnTopics(owned.state.offsets, topics.input);
    log.info({ partition, epoch: owned.state.epoch }, 'partition claimed');
    const definitionsOf = (tenantId: string) => owned.definitionsOf(tenantId);
    const task = new PartitionWorker({
      owned,
      partition,
      history,
      homesCached: Math.ceil(config.KPI_AGGREGATE_HOMES_CACHED / partitions),
      tell,
      clock,
      onHindered: ({ code, detail }) => log.warn({ code, detail, partition }, HINDERED),
      timeScript: () => metrics.scriptSeconds.startTimer(),
    });
    tasks.add(task);
    return {
      positions: task.positionsIn(topics.input),
      apply: async (batch: LogBatch) => {
        const took = metrics.batchSeconds.startTimer();
        const decoded = await readBatch(batch, {
          ...reading,
          definitionsOf,
          generation: owned.generation,
        });
        const applied = await task.apply(decoded, clock());
        took();
        if (applied !== undefined)
          metrics.countBatch({
            ...applied,
            topic: batch.topic,
            events: decoded.records,
            late: decoded.late,
            arrival: arrivalOf(batch),
            appliedAtMs: clock(),
          });
        await task.foldWhenDue(clock());
        await task.confirmWhenDue(clock());
      },
      confirm: () => task.confirm(),
      async close() {
        tasks.delete(task);
        await task.close();
      },
    };
  };

  const consumer = await consumePartitions({
    kafka,
    groupId: `${config.KPI_TOPIC_PREFIX}aggregate`,
    topics: [...topics.input, topics.facts],
    open,
    batchRecordsMax: config.KPI_AGGREGATE_BATCH_EVENTS,
    atOnce: PARTITIONS_AT_ONCE,
    sessionTimeoutMs: config.KPI_KAFKA_SESSION_TIMEOUT_MS,
    log,
    clock,
    onFatal,
    observer: metrics.consumer.observer,
  });
  metrics.consumer.watch(consumer, clock);
  const evaluator = new Evaluator({
    board: new ValueBoard({ client: redis, prefix: config.KPI_REDIS_PREFIX }),
    createView: (onArrival) =>
      new LiveView({
        client: redis,
        prefix: config.KPI_REDIS_PREFIX,
        partitions,
        log,
        clock,
        onArrival,
      }),
    producer,
    topic: topics.values,
    holder: `${worker}:${randomUUID()}`,
    log,
    clock,
    metrics: metrics.evaluator,
  });
  evaluator.start();

  const service: Service = {
    name: 'aggregate',
    readiness: () => Promise.resolve(progressReadiness('aggregate', consumer, clock())),
    async close() {
      await evaluator.close();
      await consumer.close();
      await producer.close();
      await records.close();
      await closeRedis(redis);
    },
  };
  return withPresence(service, { client: redis, prefix: config.KPI_REDIS_PREFIX, clock, log });
}

function arrivalOf({ records }: LogBatch): CountedBatch['arrival'] {
  const [first, last] = [records[0], records.at(-1)];
  return first === undefined || last === undefined
    ? undefined
    : { first: first.timestampMs, last: last.timestampMs };
}
