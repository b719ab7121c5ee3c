import { join, resolve } from 'node:path';

import { type Fault } from '@kpi/core';
import { type Environment } from '@kpi/runtime';

import { startClickHouse } from './engines/clickhouse.ts';
import { type Engine, type EngineNode, type EngineOptions } from './engines/engine.ts';
import { startKafka } from './engines/kafka.ts';
import { CLUSTER_NODES, startRedisCluster } from './engines/redis-cluster.ts';
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

export type { EngineNode } from './engines/engine.ts';

export interface StartEnginesOptions {
  /** All data and logs go below this folder; the same folder continues where the last run ended. */
  readonly dataDir: string;
  /** Engines whose variable is set here are used as they are and not started. */
  readonly environment?: Environment;
  /** A free port where absent. */
  readonly ports?: Partial<PerEngine<number>>;
  /** Three share the topics with three replicas of each, two of which must have a record before it is acknowledged; one by default. */
  readonly brokers?: 1 | 3;
  /** A cluster is three masters with a replica each; one server by default. */
  readonly redis?: 'single' | 'cluster';
  /** One line per step, for people. */
  readonly onProgress?: (line: string) => void;
  /** An engine ended by itself. The others run on until `close`. */
  readonly onUnexpectedEnd?: (fault: Fault) => void;
}

/** Engines that answer at `urls` until `close`. They also end when this process does, however it ends. */
export interface RunningEngines {
  readonly urls: PerEngine<string>;
  /** Their processes; none of an engine that was given. */
  readonly nodes: PerEngine<readonly EngineNode[]>;
  close(): Promise<void>;
}

/**
 * Start Kafka, the registry, Redis and ClickHouse as child processes on loopback, all at once, and wait until they answer.
 * Throws a Fault `engine_failed` or `prerequisite_missing`; what had been started is stopped again.
 */
export async function startEngines(options: StartEnginesOptions): Promise<RunningEngines> {
  const engines = await launch(options);
  return {
    urls: perEngine(engines, ({ url }) => url),
    nodes: perEngine(engines, ({ nodes }) => nodes),
    close: () => closeAll(Object.values(engines)),
  };
}

function perEngine<Value>(
  engines: PerEngine<Engine>,
  valueOf: (engine: Engine) => Value,
): PerEngine<Value> {
  return {
    KPI_KAFKA_BROKERS: valueOf(engines.KPI_KAFKA_BROKERS),
    KPI_REGISTRY_URL: valueOf(engines.KPI_REGISTRY_URL),
    KPI_REDIS_URL: valueOf(engines.KPI_REDIS_URL),
    KPI_CLICKHOUSE_URL: valueOf(engines.KPI_CLICKHOUSE_URL),
  };
}

async function launch(options: StartEnginesOptions): Promise<PerEngine<Engine>> {
  const { environment = {}, onProgress = ignore } = options;
  const ports = await portsOf(options);
  const programs = lazily(() => fetchPrograms({ onProgress }));
  const common = (folder: string): Omit<EngineOptions, 'port'> => ({
    directory: join(resolve(options.dataDir), folder),
    programs,
    onUnexpectedEnd: options.onUnexpectedEnd ?? ignore,
  });
  const unlessGiven = async (
    name: EngineVariable,
    start: () => Promise<Engine>,
  ): Promise<Engine> => {
    const given = environment[name]?.trim() ?? '';
    if (given !== '') return { url: given, nodes: [], close: () => Promise.resolve() };
    const engine = await start();
    onProgress(`${name}=${engine.url}`);
    return engine;
  };
  return allOrNone({
    KPI_KAFKA_BROKERS: unlessGiven('KPI_KAFKA_BROKERS', () =>
      startKafka({ ...common('kafka'), brokers: ports.brokers }),
    ),
    KPI_REGISTRY_URL: unlessGiven('KPI_REGISTRY_URL', () =>
      startRegistry({ ...common('registry'), port: ports.registry }),
    ),
    KPI_REDIS_URL: unlessGiven('KPI_REDIS_URL', () =>
      options.redis === 'cluster'
        ? startRedisCluster({ ...common('redis-cluster'), members: ports.members })
        : startRedis({ ...common('redis'), port: ports.redis }),
    ),
    KPI_CLICKHOUSE_URL: unlessGiven('KPI_CLICKHOUSE_URL', () =>
      startClickHouse({ ...common('clickhouse'), port: ports.clickhouse }),
    ),
  });
}

/** Ports for everything that may start; all are chosen at once, so that they differ. */
async function portsOf({ ports = {}, brokers = 1, redis = 'single' }: StartEnginesOptions) {
  const pairs = [...Array(brokers - 1).keys()].flatMap(() => [0, 0]);
  const members = redis === 'cluster' ? [...Array(CLUSTER_NODES).keys()].flatMap(() => [0, 0]) : [];
  const [registry = 0, single = 0, clickhouse = 0, ...rest] = await choosePorts([
    ports.KPI_REGISTRY_URL ?? 0,
    ports.KPI_REDIS_URL ?? 0,
    ports.KPI_CLICKHOUSE_URL ?? 0,
    ports.KPI_KAFKA_BROKERS ?? 0,
    0,
    ...pairs,
    ...members,
  ]);
  const kafka = pairsOf(rest.slice(0, 2 * brokers));
  return {
    registry,
    redis: single,
    clickhouse,
    brokers: kafka.map(([port, controllerPort]) => ({ port, controllerPort })),
    members: pairsOf(rest.slice(2 * brokers)).map(([port, busPort]) => ({ port, busPort })),
  };
}

function pairsOf(ports: readonly number[]): readonly (readonly [number, number])[] {
  return ports.flatMap((port, index) => (index % 2 === 0 ? [[port, ports[index + 1] ?? 0]] : []));
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
