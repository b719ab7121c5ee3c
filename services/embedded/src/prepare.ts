import { createHistory } from '@kpi/clickhouse';
import { SchemaRegistry, createKafka, ensureTopics, registerSchemas, topicsOf } from '@kpi/kafka';
import { ENGINE_OPTIONS, type Environment, type Logger, readConfig } from '@kpi/runtime';
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
