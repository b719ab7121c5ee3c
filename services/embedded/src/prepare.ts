import { createHistory } from '@kpi/clickhouse';
import { SchemaRegistry, createKafka, ensureTopics, registerSchemas, topicsOf } from '@kpi/kafka';
import { rebuildInstallation } from '@kpi/live';
import { closeRedis, createRedis, isOutdated } from '@kpi/redis';
import {
  type Clock,
  ENGINE_OPTIONS,
  type Environment,
  type Logger,
  readConfig,
} from '@kpi/runtime';
import { z } from 'zod';

/** Make topics, schemas and tables what the services expect. All of it can run again. */
export async function prepareEngines(environment: Environment, log: Logger): Promise<void> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const topics = topicsOf(config);
  await Promise.all([
    ensureTopics(createKafka(config, log), topics),
    registerSchemas(new SchemaRegistry(config), topics),
    migrateHistory(config, log),
  ]);
}

/** Whether the live store was written by another version, so that everything has to be counted anew. */
export async function isStoreOutdated(environment: Environment, log: Logger): Promise<boolean> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const client = await createRedis(config, log);
  try {
    return await isOutdated({ client, prefix: config.KPI_REDIS_PREFIX }, config.KPI_PARTITIONS);
  } finally {
    await closeRedis(client);
  }
}

/** Count everything anew, from history and what the log has beyond it. */
export async function recount(environment: Environment, log: Logger, clock: Clock): Promise<void> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  await rebuildInstallation({ config, source: 'clickhouse', log, clock });
}

async function migrateHistory(
  config: Parameters<typeof createHistory>[0],
  log: Logger,
): Promise<void> {
  const history = createHistory(config, log);
  try {
    await history.migrate();
  } finally {
    await history.close();
  }
}
