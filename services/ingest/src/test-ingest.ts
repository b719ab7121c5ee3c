import { randomBytes } from 'node:crypto';

import { Fault, type KpiEvent } from '@kpi/core';
import {
  createEventDecoder,
  createKafka,
  type DeadLetter,
  parseDeadLetter,
  SchemaRegistry,
  type Topics,
  topicsOf,
} from '@kpi/kafka';
import { closeRedis, createRedis, removeKeys, type RedisClient } from '@kpi/redis';
import { createLog, createMetrics, type Logger, type Metrics, readConfig } from '@kpi/runtime';

import { INGEST_OPTIONS, type IngestConfig } from './options.ts';
import { type IngestService, start } from './service.ts';

/** One event as it lies in Kafka. */
interface LoggedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** Stamped by the broker, ms. */
  readonly timestampMs: number;
  readonly event: KpiEvent;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** An ingest of its own on real engines, and eyes on what it wrote. */
export interface TestIngest {
  readonly config: IngestConfig;
  readonly topics: Topics;
  readonly redis: RedisClient;
  readonly service: IngestService;
  readonly metrics: Metrics;
  /** The time ingest believes it is, ms. */
  readonly time: { now: number };
  /** What was logged, as text. */
  readonly logLines: readonly string[];
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Everything in the input topics, in the order of arrival per partition. */
  readonly logged: readonly LoggedEvent[];
  readonly deadLetters: readonly DeadLetter[];
  close(): Promise<void>;
}

const PARTITIONS = 4;
/** Disconnecting waits for the fetch that is under way. */
const FETCH_WAIT_MS = 100;
export const NOW = Date.parse('2026-03-01T12:00:00.000Z');

/** Start ingest with names nobody else has. `overrides` are environment variables. */
export async function startTestIngest(
  overrides: Readonly<Record<string, string>> = {},
): Promise<TestIngest> {
  const id = `t${randomBytes(6).toString('hex')}`;
  const config = readConfig(INGEST_OPTIONS, {
    ...process.env,
    KPI_TOPIC_PREFIX: `${id}.`,
    KPI_REDIS_PREFIX: id,
    KPI_PARTITIONS: String(PARTITIONS),
    KPI_HTTP_PORT: '0',
    ...overrides,
  });
  const time = { now: NOW };
  const logLines: string[] = [];
  const log = createLog({
    name: 'test',
    level: 'trace',
    destination: { write: (line) => void logLines.push(line) },
  });
  const metrics = createMetrics();
  const context = { log, metrics, clock: () => time.now, onFatal: rethrow };
  const service = await start(config, context);
  const redis = await createRedis(config, log);
  const seen = await watch(config, log);
  return {
    config,
    topics: topicsOf(config),
    redis,
    service,
    metrics,
    time,
    logLines,
    logged: seen.logged,
    deadLetters: seen.deadLetters,
    post: (body, headers = {}) => post(service.url ?? '', body, headers),
    async close() {
      await service.close();
      await seen.close();
      await closeRedis(redis);
      await removeTraces(config, log);
    },
  };
}

/** `body` as JSON, unless it is bytes or text already. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: isRaw ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

interface Seen {
  readonly logged: LoggedEvent[];
  readonly deadLetters: DeadLetter[];
  close(): Promise<void>;
}

/** Follow the input topics and the dead letters from their beginning. */
async function watch(config: IngestConfig, log: Logger): Promise<Seen> {
  const kafka = createKafka(config, log);
  const topics = topicsOf(config);
  const decoder = createEventDecoder({ registry: new SchemaRegistry(config), clock: () => NOW });
  const logged: LoggedEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  const groupId = `${config.KPI_TOPIC_PREFIX}watch`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics.input, topics.deadLetters], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const { value } = message;
      if (topic === topics.deadLetters) {
        const letter = value === null ? undefined : parseDeadLetter(value);
        if (letter !== undefined) deadLetters.push(letter);
        return;
      }
      const timestampMs = Number(message.timestamp);
      const decoded = await decoder.decode({ value, timestampMs });
      if (decoded instanceof Fault) throw decoded;
      const key = message.key?.toString() ?? '';
      logged.push({ topic, partition, key, timestampMs, event: decoded.event });
    },
  });
  return {
    logged,
    deadLetters,
    close: () => consumer.disconnect(),
  };
}

/** Remove the topics and keys of an installation. */
export async function removeTraces(config: IngestConfig, log: Logger): Promise<void> {
  const admin = createKafka(config, log).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topicsOf(config).declarations.map(({ name }) => name) });
  await admin.disconnect();
  const redis = await createRedis(config, log);
  await removeKeys(redis, `${config.KPI_REDIS_PREFIX}:*`);
  await closeRedis(redis);
}

/** For `onFatal`: no test expects one. */
export function rethrow(error: unknown): never {
  throw error;
}
