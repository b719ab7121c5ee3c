import { type EngineConfig } from '@kpi/runtime';

import { cpuSecondsOf, listenerOf } from './process-usage.ts';

const ENGINES = ['broker', 'redis', 'clickhouse'] as const;

/** One value per engine; null where it runs on another machine, or out of sight. */
export type PerEngine<Value> = Readonly<Record<(typeof ENGINES)[number], Value | null>>;

/** Processes of the engines that a configuration names, found by their ports; all of an engine, or null. */
export async function engineProcesses(config: EngineConfig): Promise<PerEngine<readonly number[]>> {
  const [broker, redis, clickhouse] = await Promise.all([
    processesOf(config.KPI_KAFKA_BROKERS.map((address) => `kafka://${address}`)),
    processesOf(config.KPI_REDIS_URL.split(',')),
    processesOf([config.KPI_CLICKHOUSE_URL]),
  ]);
  return { broker, redis, clickhouse };
}

async function processesOf(urls: readonly string[]): Promise<readonly number[] | null> {
  const found = await Promise.all(
    urls.map(async (url) => {
      const { hostname, port } = new URL(url);
      const isHere = hostname === '127.0.0.1' || hostname === 'localhost';
      return isHere ? ((await listenerOf(Number(port))) ?? null) : null;
    }),
  );
  const pids = found.filter((pid) => pid !== null);
  return pids.length === found.length ? pids : null;
}

/** CPU seconds of each since it began, of all its processes together. */
export async function engineCpuSeconds(
  pids: PerEngine<readonly number[]>,
): Promise<PerEngine<number>> {
  return perEngine(async (engine) => {
    const running = pids[engine];
    return running === null ? null : totalCpuSeconds(running);
  });
}

/** CPU seconds of some processes since they began. */
export async function totalCpuSeconds(pids: readonly number[]): Promise<number> {
  const seconds = await Promise.all(pids.map((pid) => cpuSecondsOf(pid)));
  return seconds.reduce((total, one) => total + one, 0);
}

/** How much more each has in `after`. */
export function increase(before: PerEngine<number>, after: PerEngine<number>): PerEngine<number> {
  const of = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : b - a;
  return {
    broker: of(before.broker, after.broker),
    redis: of(before.redis, after.redis),
    clickhouse: of(before.clickhouse, after.clickhouse),
  };
}

async function perEngine(
  valueOf: (engine: (typeof ENGINES)[number]) => Promise<number | null>,
): Promise<PerEngine<number>> {
  const [broker = null, redis = null, clickhouse = null] = await Promise.all(ENGINES.map(valueOf));
  return { broker, redis, clickhouse };
}
