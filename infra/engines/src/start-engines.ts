import { join, resolve } from 'node:path';

import { type Fault } from '@kpi/core';
import { type Environment } from '@kpi/runtime';

import { startClickHouse } from './engines/clickhouse.ts';
import { type Engine, type EngineOptions } from './engines/engine.ts';
import { startKafka } from './engines/kafka.ts';
import { startRedis } from './engines/redis.ts';
import { startRegistry } from './engines/registry.ts';
import { fetchPrograms } from './fetch/fetch-programs.ts';
import { choosePorts } from './process/ports.ts';

/** One value per engine, by the variable that says where it is; the services read the same names. */
export interface PerEngine<Value> {
  readonly KPI_KAFKA_BROKERS: Value;
  readonly KPI_REGISTRY_URL: Value;
  readonly KPI_REDIS_URL: Value;
  readonly KPI_CLICKHOUSE_URL: Value;
}

export type EngineVariable = keyof PerEngine<unknown>;

export interface StartEnginesOptions {
  /** All data and logs go below this folder; the same folder continues where the last run ended. */
  readonly dataDir: string;
  /** Engines whose variable is set here are used as they are and not started. */
  readonly environment?: Environment;
  /** A free port where absent. */
  readonly ports?: Partial<PerEngine<number>>;
  /** One line per step, for people. */
  readonly onProgress?: (line: string) => void;
  /** An engine ended by itself. The others run on until `close`. */
  readonly onUnexpectedEnd?: (fault: Fault) => void;
}

/** Engines that answer at `urls` until `close`. They also end when this process does, however it ends. */
export interface RunningEngines {
  readonly urls: PerEngine<string>;
  close(): Promise<void>;
}

/**
 * Start Kafka, the registry, Redis and ClickHouse as child processes on loopback, all at once, and wait until they answer.
 * Throws a Fault `engine_failed` or `prerequisite_missing`; what had been started is stopped again.
 */
export async function startEngines(options: StartEnginesOptions): Promise<RunningEngines> {
  const { KPI_KAFKA_BROKERS, KPI_REGISTRY_URL, KPI_REDIS_URL, KPI_CLICKHOUSE_URL } =
    await launch(options);
  return {
    urls: {
      KPI_KAFKA_BROKERS: KPI_KAFKA_BROKERS.url,
      KPI_REGISTRY_URL: KPI_REGISTRY_URL.url,
      KPI_REDIS_URL: KPI_REDIS_URL.url,
      KPI_CLICKHOUSE_URL: KPI_CLICKHOUSE_URL.url,
    },
    close: () => closeAll([KPI_KAFKA_BROKERS, KPI_REGISTRY_URL, KPI_REDIS_URL, KPI_CLICKHOUSE_URL]),
  };
}

async function launch(options: StartEnginesOptions): Promise<PerEngine<Engine>> {
  const { environment = {}, ports = {}, onProgress = ignore } = options;
  const [kafka = 0, registry = 0, redis = 0, clickhouse = 0, controllerPort = 0] =
    await choosePorts([
      ports.KPI_KAFKA_BROKERS ?? 0,
      ports.KPI_REGISTRY_URL ?? 0,
      ports.KPI_REDIS_URL ?? 0,
      ports.KPI_CLICKHOUSE_URL ?? 0,
      0,
    ]);
  const programs = lazily(() => fetchPrograms({ onProgress }));
  const common = (folder: string, port: number): EngineOptions => ({
    directory: join(resolve(options.dataDir), folder),
    port,
    programs,
    onUnexpectedEnd: options.onUnexpectedEnd ?? ignore,
  });
  const unlessGiven = async (
    name: EngineVariable,
    start: () => Promise<Engine>,
  ): Promise<Engine> => {
    const given = environment[name]?.trim() ?? '';
    if (given !== '') return { url: given, close: () => Promise.resolve() };
    const engine = await start();
    onProgress(`${name}=${engine.url}`);
    return engine;
  };
  return allOrNone({
    KPI_KAFKA_BROKERS: unlessGiven('KPI_KAFKA_BROKERS', () =>
      startKafka({ ...common('kafka', kafka), controllerPort }),
    ),
    KPI_REGISTRY_URL: unlessGiven('KPI_REGISTRY_URL', () =>
      startRegistry(common('registry', registry)),
    ),
    KPI_REDIS_URL: unlessGiven('KPI_REDIS_URL', () => startRedis(common('redis', redis))),
    KPI_CLICKHOUSE_URL: unlessGiven('KPI_CLICKHOUSE_URL', () =>
      startClickHouse(common('clickhouse', clickhouse)),
    ),
  });
}

/** Wait for all; if one fails, stop the others before saying so. */
async function allOrNone(starting: PerEngine<Promise<Engine>>): Promise<PerEngine<Engine>> {
  const outcomes = await Promise.allSettled<Engine>(Object.values(starting));
  try {
    return {
      KPI_KAFKA_BROKERS: await starting.KPI_KAFKA_BROKERS,
      KPI_REGISTRY_URL: await starting.KPI_REGISTRY_URL,
      KPI_REDIS_URL: await starting.KPI_REDIS_URL,
      KPI_CLICKHOUSE_URL: await starting.KPI_CLICKHOUSE_URL,
    };
  } catch (error) {
    await closeAll(outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    throw error;
  }
}

/** They do not depend on each other, so they stop at once; the failure of one does not spare the others. */
async function closeAll(engines: readonly Engine[]): Promise<void> {
  await Promise.allSettled(engines.map((engine) => engine.close()));
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}

function ignore(): void {
  // Nobody asked to be told.
}
