import { type LiveView, archivedOffsets, keysOf } from '@kpi/redis';

import { type Pipeline } from '../support/pipeline.ts';

/** Services that read the log of events. */
export type LogService = 'aggregate' | 'archive';

/** How far a service is: records that are applied, of all topics. */
export interface ServiceProgress {
  /** Whether it has claimed a partition, which comes before it reads any. */
  hasClaimed(): Promise<boolean>;
  records(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Follow a service by what it stored. Aggregate is followed by a live view, as every api process keeps one; it takes CPU time of
 * this process and of Redis.
 */
export async function followProgress(
  service: LogService,
  pipeline: Pipeline,
): Promise<ServiceProgress> {
  const { redis, config } = pipeline;
  const claims = `${config.KPI_REDIS_PREFIX}:{${service === 'archive' ? 'a' : 'p'}*`;
  const hasClaimed = async (): Promise<boolean> => (await keysOf(redis, claims)).length > 0;
  if (service === 'archive') {
    return {
      hasClaimed,
      records: async () => sum((await archivedOffsets(redis, config)).values()),
      close: () => Promise.resolve(),
    };
  }
  const view: LiveView = pipeline.view();
  await view.open();
  return {
    hasClaimed,
    records: () => Promise.resolve(sum(Object.values(view.bound()))),
    close: () => view.close(),
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
