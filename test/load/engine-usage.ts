import { type EngineConfig } from '@kpi/runtime';

import { cpuSecondsOf, listenerOf } from './process-usage.ts';

const ENGINES = ['broker', 'redis', 'clickhouse'] as const;

/** One value per engine; null where it runs on another machine, or out of sight. */
export type PerEngine<Value> = Readonly<Record<(typeof ENGINES)[number], Value | null>>;

/** Processes of the engines that a configuration names, found by their ports. */
export async function engineProcesses(config: EngineConfig): Promise<PerEngine<number>> {
  const processOf = async (url: string): Promise<number | null> => {
    const { hostname, port } = new URL(url);
    const isHere = hostname === '127.0.0.1' || hostname === 'localhost';
    return isHere ? ((await listenerOf(Number(port))) ?? null) : null;
  };
  const [broker, redis, clickhouse] = await Promise.all([
    processOf(`kafka://${config.KPI_KAFKA_BROKERS[0] ?? ''}`),
    processOf(config.KPI_REDIS_URL.split(',')[0] ?? ''),
    processOf(config.KPI_CLICKHOUSE_URL),
  ]);
  return { broker, redis, clickhouse };
}

/** CPU seconds of each since it began. */
export async function engineCpuSeconds(pids: PerEngine<number>): Promise<PerEngine<number>> {
  return perEngine(async (engine) => {
    const pid = pids[engine];
    return pid === null ? null : cpuSecondsOf(pid);
  });
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
