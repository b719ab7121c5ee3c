import { createArchivedRecords } from '@kpi/clickhouse';
import { type KpiEvent } from '@kpi/core';
import {
  type EventEncoder,
  type EventProducer,
  type KafkaClient,
  SchemaRegistry,
  type Topics,
  createEventEncoder,
  createEventProducer,
  createKafka,
  ensureTopics,
  recordKeys,
  registerSchemas,
  topicsOf,
} from '@kpi/kafka';
import { type HomeHistory, createHomeHistory } from '@kpi/live';
import {
  ErasedSubjects,
  LiveView,
  type RedisClient,
  archivedOffsets,
  closeRedis,
  createRedis,
} from '@kpi/redis';
import {
  ENGINE_OPTIONS,
  type EngineConfig,
  type Logger,
  createLog,
  readConfig,
  systemClock,
} from '@kpi/runtime';
import { z } from 'zod';

import { removeNames, uniqueNames } from './unique-names.ts';

/** Topics, schemas and stores of one test, on the engines of the run, and the means to write and read them. */
export interface Pipeline {
  /** The environment of a service of this pipeline. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly config: EngineConfig;
  readonly kafka: KafkaClient;
  readonly topics: Topics;
  readonly producer: EventProducer;
  readonly encoder: EventEncoder;
  readonly redis: RedisClient;
  readonly log: Logger;
  /** Write events as a producer would, in order. */
  publish(events: readonly KpiEvent[]): Promise<void>;
  /** A view of the live store that is not following it. */
  view(): LiveView;
  /** Also removes its topics, keys and tables. */
  close(): Promise<void>;
}

/** A pipeline of its own, without any service running. `engines` are variables of engines other than those of the run. */
export async function createPipeline(
  partitions = 4,
  engines: Readonly<Record<string, string>> = {},
): Promise<Pipeline> {
  const names = { ...uniqueNames(), KPI_PARTITIONS: String(partitions) };
  const environment = { ...process.env, ...names, ...engines };
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const log = createLog({ name: 'test', level: process.env['TEST_LOG'] ?? 'silent' });
  const kafka = createKafka(config, log);
  const topics = topicsOf(config);
  await ensureTopics(kafka, topics);
  const encoder = createEventEncoder(await registerSchemas(new SchemaRegistry(config), topics));
  const producer = createEventProducer({ kafka, log });
  const redis = await createRedis(config, log);
  const view = (): LiveView =>
    new LiveView({
      client: redis,
      prefix: config.KPI_REDIS_PREFIX,
      partitions,
      log,
      clock: systemClock,
    });
  return {
    environment,
    config,
    kafka,
    topics,
    producer,
    encoder,
    redis,
    log,
    view,
    publish: (events) =>
      producer.send(
        events.flatMap((event) =>
          recordKeys(event).map((key) => ({
            topic: topics.of(event.event_type),
            key,
            value: encoder.encode(event),
          })),
        ),
      ),
    async close() {
      await producer.close();
      await closeRedis(redis);
      await removeNames(config);
    },
  };
}

/** Who was erased in a pipeline. */
export function erasedOf({ redis, config }: Pick<Pipeline, 'redis' | 'config'>): ErasedSubjects {
  return new ErasedSubjects({
    client: redis,
    prefix: config.KPI_REDIS_PREFIX,
    clock: systemClock,
    stage: 'asked',
  });
}

/** How homes of a pipeline are read again from what was archived. */
export function historyOf(pipeline: Pick<Pipeline, 'redis' | 'config'>): HomeHistory {
  const { redis, config } = pipeline;
  return createHomeHistory({
    records: createArchivedRecords(config),
    partitions: config.KPI_PARTITIONS,
    archived: () => archivedOffsets(redis, config),
    isErased: erasedOf(pipeline).isErased,
    clock: systemClock,
  });
}

/** Waits until `holds` answers true. Throws when it has not after `deadlineMs`. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  deadlineMs = 30_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
