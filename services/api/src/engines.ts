import { type History, createHistory } from '@kpi/clickhouse';
import {
  type ApiKeys,
  LiveView,
  ValueBoard,
  closeRedis,
  createApiKeys,
  createRedis,
} from '@kpi/redis';
import type { ServiceContext } from '@kpi/runtime';

import type { ApiConfig } from './options.ts';
import { Publications } from './publications.ts';

/** The connections of the api service. */
export interface Engines {
  readonly view: LiveView;
  readonly publications: Publications;
  readonly history: History;
  readonly keys: ApiKeys;
  /** Can be called twice. */
  close(): Promise<void>;
}

export interface EngineOptions extends Pick<ServiceContext, 'log' | 'clock'> {
  readonly areKeysRequired: boolean;
}

/** Connect, and load the live view. Throws `store_unreachable` when Redis is away; ClickHouse is asked at the first read. */
export async function openEngines(config: ApiConfig, options: EngineOptions): Promise<Engines> {
  const { log, clock } = options;
  const client = await createRedis(config, log);
  const prefix = config.KPI_REDIS_PREFIX;
  const view = new LiveView({ client, prefix, partitions: config.KPI_PARTITIONS, log, clock });
  const publications = new Publications({ board: new ValueBoard({ client, prefix }), log });
  const history = createHistory(config, log);
  const keys = createApiKeys({ client, prefix, areRequired: options.areKeysRequired, clock });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= Promise.all([view.close(), publications.close(), history.close()]).then(() =>
      closeRedis(client),
    );
    return closing;
  };
  try {
    await Promise.all([view.open(), publications.open()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { view, publications, history, keys, close };
}
